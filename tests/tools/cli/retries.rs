//! What is retried, and when.

use crate::cli::{
    command::{run_command, send},
    support::{
        receiver::{Receiver, command},
        sender,
    },
};

for_both![a_delivery_whose_handler_failed_comes_again_and_is_handled, what_is_never_accepted_is_given_up,];

fn a_delivery_whose_handler_failed_comes_again_and_is_handled(name: &str) {
    let geoscored = sender("geoscored");
    let fixture = geoscored.fixture();
    let id = geoscored.id_of(&fixture.event, &fixture.body);
    let mut failing = command(name);
    failing.env("COUNTERSIGN_TEST_FAIL_ONCE", &id);
    let receiver = Receiver::spawn(failing);
    let outcome = send(&geoscored, &receiver, &["--retry", "--speed", "100"]);
    let lines: Vec<_> = outcome.stdout.lines().collect();
    assert_eq!((outcome.code, lines.len()), (0, 3), "{outcome:?}");
    assert!(lines[0].contains("  500 Internal Server Error  ") && lines[0].ends_with("  retried after 5 s"));
    assert!(lines[1].contains("  200 OK  ") && lines[1].ends_with("  attempt 2: accepted"));
    assert!(lines[2].starts_with("1 delivery in 2 attempts: 1 accepted; "), "{outcome:?}");
    assert_eq!(receiver.lines().len(), 1);
}

fn what_is_never_accepted_is_given_up(name: &str) {
    let receiver = Receiver::start(name);
    let to = format!("http://{}/webhooks/geoscored", receiver.address);
    let arguments = ["send", "geoscored", "--to", &to, "--secret-env", "ANOTHER", "--retry", "--speed", "100"];
    let outcome = run_command(crate::cli::command::command(&arguments).env("ANOTHER", "another secret"), b"");
    let lines: Vec<_> = outcome.stdout.lines().collect();
    assert_eq!((outcome.code, lines.len()), (1, 5), "{outcome:?}");
    assert!(lines[0].ends_with("  retried after 5 s") && lines[1].ends_with("  attempt 2: retried after 30 s"));
    assert!(lines[2].ends_with("  attempt 3: GeoScored does not retry again"), "{outcome:?}");
    assert!(lines[3].starts_with("1 delivery in 3 attempts: 0 accepted, 1 rejected; "), "{outcome:?}");
}
