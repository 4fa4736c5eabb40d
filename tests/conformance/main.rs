//! One suite for the family: every provider and every behaviour, through core, tower, axum and actix-web.
//!
//! Core is called directly. The others are real servers on real sockets: tower is plain hyper without a framework, and
//! the example receivers are processes. A behaviour is a function of a sender and a surface; the names of the tests are
//! `surface::provider::behaviour`. A provider that is added is in it without a line changed here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "../support/mod.rs"]
mod support;

mod bodies;
mod decoding;
mod heads;
mod refusals;
mod servers;
mod signatures;
mod surfaces;
mod tokens;

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Trial};
use support::{Sender, senders};
use surfaces::Surface;

/// What is shown of a provider through a surface; it fails by panicking.
type Behaviour = fn(&Sender, &Surface);

/// Which providers a behaviour concerns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Every,
    Signed,
    Token,
}

/// Which surfaces can show it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Every,
    /// It takes a connection.
    Sockets,
}

macro_rules! behaviours {
    ($($of:ident $on:ident $module:ident::$name:ident,)*) => {
        &[$((stringify!($name), Of::$of, On::$on, $module::$name as Behaviour)),*]
    };
}

const BEHAVIOURS: &[(&str, Of, On, Behaviour)] = behaviours! {
    Every Every signatures::documented_deliveries_are_handled,
    Signed Every signatures::previous_secrets_are_accepted_and_retired_ones_are_not,
    Signed Every signatures::hex_digits_of_either_case_are_accepted,
    Signed Every signatures::t1_a_flipped_bit_in_the_body_is_refused,
    Signed Every signatures::t1_a_wrong_digit_in_the_tag_is_refused,
    Every Every signatures::t6_another_key_is_refused,
    Signed Every signatures::t3_malformed_tags_are_refused,
    Signed Every signatures::t3_malformed_prefixes_are_refused,
    Signed Every signatures::t4_tags_that_are_not_ascii_are_refused,
    Signed Every signatures::t8_missing_repeated_and_joined_headers_are_refused,
    Signed Every signatures::t7_written_again_is_another_body,
    Every Every signatures::t25_another_providers_deliveries_are_refused,
    Signed Every signatures::t9_what_is_not_signed_is_not_believed,
    Token Every tokens::t2_the_token_is_the_proof,
    Token Every tokens::t8_the_token_is_there_once_under_its_name,
    Token Every tokens::tokens_are_percent_decoded_and_a_plus_is_a_plus,
    Token Every tokens::previous_tokens_are_accepted,
    Every Every heads::t5_an_unproven_delivery_is_refused,
    Every Every heads::other_methods_are_refused,
    Every Every heads::t16_content_codings_are_refused,
    Every Every heads::content_types_are_not_looked_at,
    Every Every heads::t15_a_declared_length_over_the_limit_is_refused_at_once,
    Every Every heads::refusals_take_precedence_in_order,
    Every Every bodies::t15_the_limit_is_inclusive,
    Every Every bodies::bodies_may_come_in_pieces,
    Every Sockets bodies::bodies_that_end_early_are_refused,
    Every Sockets bodies::malformed_chunks_are_refused,
    Every Sockets bodies::t17_slow_bodies_are_refused,
    Every Every decoding::genuine_bodies_that_are_no_events_are_undecodable,
    Every Every decoding::unknown_events_are_handled,
    Every Every decoding::t23_only_the_event_is_required,
    Every Every decoding::t23_unexpected_fields_and_ids_are_tolerated,
    Every Every decoding::whole_numbers_may_have_a_fraction_of_zero,
    Every Every decoding::t23_fields_that_are_there_twice_are_undecodable,
    Every Every decoding::t24_ids_are_text_and_nothing_else,
    Every Every refusals::t20_answers_are_the_same_bytes_everywhere,
};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Most of the time goes into waiting for deadlines, which many can do at once.
    arguments.test_threads.get_or_insert(16);
    let surfaces = surfaces::all();
    let mut trials = Vec::new();
    for surface in &surfaces {
        for sender in senders().into_iter().filter(|sender| surface.receives(sender.name)) {
            for &(name, of, on, behaviour) in BEHAVIOURS {
                let concerns = match of {
                    Of::Every => true,
                    Of::Signed => sender.is_signed(),
                    Of::Token => !sender.is_signed(),
                };
                if concerns && (on == On::Every || surface.is_socket()) {
                    let surface = Arc::clone(surface);
                    trials.push(Trial::test(format!("{}::{}::{name}", surface.name(), sender.name), move || {
                        behaviour(&sender, &surface);
                        Ok(())
                    }));
                }
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Before `exit`: the receivers are stopped by being dropped.
    drop(surfaces);
    if conclusion.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
