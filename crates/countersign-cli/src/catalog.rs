//! The providers, by name.

use clap::{ValueEnum, builder::PossibleValue};
use countersign_core::{__for_each_typed_provider, provider::Provider, providers};
use countersign_testkit::Documented;

/// A job for a provider that is named at run time.
pub(crate) trait Job {
    type Output;

    fn run<P: Documented>(self) -> Self::Output;
}

macro_rules! names {
    ($($name:ident => $Provider:ident,)*) => {
        /// A provider's name on the command line.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Name {
            $($Provider,)*
        }

        impl Name {
            /// Runs `job` for the provider of this name.
            pub(crate) fn dispatch<J: Job>(self, job: J) -> J::Output {
                match self {
                    $(Self::$Provider => job.run::<providers::$Provider>(),)*
                }
            }
        }

        impl ValueEnum for Name {
            fn value_variants<'a>() -> &'a [Self] {
                &[$(Self::$Provider),*]
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                Some(match self {
                    $(Self::$Provider => PossibleValue::new(providers::$Provider::NAME),)*
                })
            }
        }
    };
}
__for_each_typed_provider!(names);
