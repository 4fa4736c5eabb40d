//! Decoding: the first documented event of each provider, and one that is not documented.

use countersign::{Event, Provider, providers};
use countersign_testkit::{Documented, Payload};

use crate::operation::{Named, Operation};

pub fn operations() -> Vec<Named> {
    macro_rules! documented {
        ($($name:ident => $Provider:ident,)*) => {
            vec![$((name::<providers::$Provider>(), decode::<providers::$Provider> as fn() -> Operation)),*]
        };
    }
    let mut operations = countersign::__for_each_provider!(documented);
    operations.push(("decode: unknown event".into(), unknown));
    operations
}

fn name<P: Documented>() -> String {
    format!("decode: {} {}", P::TITLE, P::PAYLOADS[0].0)
}

fn decode<P: Documented>() -> Operation {
    decoded::<P>(Payload::documented(P::PAYLOADS[0].0).unwrap())
}

fn unknown() -> Operation {
    let payload = Payload::<providers::Zeodyn>::documented("scan_complete").unwrap();
    decoded(payload.with_field("/event", "not.documented").unwrap())
}

fn decoded<P: Provider>(payload: Payload<P>) -> Operation {
    Operation::new(move || P::Event::decode(payload.bytes()).unwrap())
}
