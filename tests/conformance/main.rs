//! One suite for the family: every provider and every behaviour, through core, tower, axum and actix-web.
//!
//! `core` is called directly. The others are real servers on real sockets: `receiver` is core's `Receiver` in plain hyper,
//! the smallest adapter; `tower` is plain hyper, too; and the example receivers are processes. A behaviour is a function of
//! a sender and a surface; the names of the tests are `surface::provider::behaviour`. A new provider is in it without a
//! line changed here.
//!
//! The settings of a `VerifyWebhook` are shown by the servers' mounts. There a behaviour is a function of the server; the
//! names of the tests are `surface::module::behaviour`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use countersign_test_support as support;

mod adapters;
mod bodies;
mod case;
mod confirmations;
mod decoding;
mod diary;
mod failed_lookups;
mod floods;
mod forwarded;
mod handlers;
mod heads;
mod identities;
mod lookups;
mod mounts;
mod own_events;
mod reasons;
mod receiver_site;
mod rejections;
mod results;
mod secret_maps;
mod servers;
mod settings;
mod signatures;
mod sites;
mod sources;
mod surfaces;
mod tenants;
mod third_parties;
mod tokens;
mod trust;
mod unverified_ids;

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Trial};
use servers::Server;
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
    Signed Every signatures::t1_a_flipped_bit_in_the_body_is_rejected,
    Signed Every signatures::t1_a_wrong_digit_in_the_tag_is_rejected,
    Every Every signatures::t6_another_key_is_rejected,
    Signed Every signatures::t3_malformed_tags_are_rejected,
    Signed Every signatures::t3_malformed_prefixes_are_rejected,
    Signed Every signatures::t4_tags_that_are_not_ascii_are_rejected,
    Signed Every signatures::t8_missing_repeated_and_joined_headers_are_rejected,
    Signed Every signatures::t7_written_again_is_another_body,
    Every Every signatures::t25_another_providers_deliveries_are_rejected,
    Signed Every signatures::t9_what_is_not_signed_is_not_believed,
    Token Every tokens::t2_the_token_is_the_proof,
    Token Every tokens::t8_the_token_is_there_once_under_its_name,
    Token Every tokens::tokens_are_percent_decoded_and_a_plus_is_a_plus,
    Token Every tokens::previous_tokens_are_accepted,
    Every Every heads::t5_a_delivery_without_a_proof_is_rejected,
    Every Every heads::other_methods_are_rejected,
    Every Every heads::t16_content_codings_are_rejected,
    Every Every heads::c07_tokens_that_name_no_coding_change_nothing,
    Every Every heads::content_types_are_not_looked_at,
    Every Every heads::t15_a_declared_length_over_the_limit_is_rejected_at_once,
    Every Every heads::rejections_take_precedence_in_order,
    Every Every bodies::t15_the_limit_is_inclusive,
    Every Every bodies::bodies_may_come_in_pieces,
    Every Sockets bodies::bodies_that_end_early_are_rejected,
    Every Sockets bodies::malformed_chunks_are_rejected,
    Every Sockets bodies::t17_slow_bodies_are_rejected,
    Every Every decoding::verified_bodies_that_are_not_events_are_undecodable,
    Every Every decoding::unknown_events_are_handled,
    Every Every decoding::t23_only_the_event_is_required,
    Every Every decoding::t23_unexpected_fields_and_ids_are_tolerated,
    Every Every decoding::whole_numbers_may_have_a_fraction_of_zero,
    Every Every decoding::t23_fields_that_are_there_twice_are_undecodable,
    Every Every decoding::c01_any_json_in_any_documented_field_is_handled,
    Every Every decoding::c03_half_of_an_emoji_is_handled,
    Every Every decoding::c05_an_integer_is_an_id,
    Every Every decoding::t24_ids_are_text_and_nothing_else,
    Every Every rejections::t20_answers_are_the_same_bytes_everywhere,
};

/// What is shown of the mounts of a server.
type OfServer = fn(&Server);

macro_rules! of_servers {
    ($($module:ident::$name:ident,)*) => {
        &[$((concat!(stringify!($module), "::", stringify!($name)), $module::$name as OfServer)),*]
    };
}

const OF_SERVERS: &[(&str, OfServer)] = of_servers! {
    lookups::documented_deliveries_are_verified_with_what_is_looked_up,
    lookups::a_known_scan_is_looked_up_once_and_handled_once,
    lookups::t20_an_unknown_scan_is_rejected_like_a_wrong_signature,
    lookups::t25_the_secret_of_another_scan_proves_nothing,
    lookups::every_secret_that_is_found_is_tried,
    lookups::a_body_without_an_id_is_looked_up_as_such,
    lookups::a_verified_body_that_is_not_an_event_is_undecodable,
    lookups::path_query_and_headers_are_given_as_they_came,
    lookups::a_fixed_secret_still_proves_test_deliveries,
    unverified_ids::t23_two_ids_in_one_body_are_rejected,
    unverified_ids::bodies_may_come_in_pieces_before_they_are_looked_up,
    unverified_ids::large_bodies_are_verified_whole_with_what_is_looked_up,
    unverified_ids::t15_only_the_start_of_a_body_is_looked_at,
    unverified_ids::an_id_that_was_not_seen_is_not_handled,
    unverified_ids::c05_an_integer_is_looked_up_by_its_digits,
    unverified_ids::t23_the_id_that_is_seen_is_the_events_in_every_documented_delivery,
    unverified_ids::t23_the_id_that_is_seen_is_the_events_whatever_fields_there_are,
    floods::t15_a_body_over_the_limit_is_never_looked_up,
    floods::a_body_that_ends_early_is_never_looked_up,
    floods::what_the_head_rejects_is_never_looked_up,
    floods::i4_forged_deliveries_at_full_speed_are_rejected_and_genuine_ones_are_not,
    failed_lookups::i5_a_look_up_that_fails_is_answered_503,
    failed_lookups::i5_a_look_up_that_panics_is_answered_503,
    failed_lookups::i5_a_look_up_that_hangs_is_dropped_in_time,
    failed_lookups::a1_a_look_up_that_never_rests_does_not_escape_its_time,
    failed_lookups::i5_a_retry_after_a_failed_look_up_is_accepted,
    failed_lookups::look_ups_that_hang_keep_no_other_delivery_waiting,
    failed_lookups::t26_the_look_up_of_a_sender_that_hangs_up_is_dropped,
    failed_lookups::t26_the_look_up_of_a_sender_that_resets_is_dropped,
    failed_lookups::t26_a_look_up_outlives_its_sender_for_no_longer_than_its_time,
    secret_maps::scans_are_known_from_when_they_are_inserted_until_they_are_removed,
    secret_maps::i2_a_retry_is_verified_until_its_secret_leaves,
    secret_maps::scans_are_inserted_and_removed_while_deliveries_come,
    tenants::t19_a_look_up_never_sees_the_token,
    tenants::t25_a_tenants_token_proves_no_other_tenants_delivery,
    sources::t22_ipv4_peers_are_accepted_from_ranges_that_contain_them,
    sources::t22_ipv4_peers_of_a_socket_for_both_are_ipv4,
    sources::t22_ipv6_peers_are_accepted_from_ranges_that_contain_them,
    sources::t22_a_right_source_proves_nothing,
    sources::t22_another_source_is_rejected_before_the_body_is_read,
    sources::sources_have_their_place_among_the_rejections,
    forwarded::t22_forwarded_addresses_are_read_from_the_right_up_to_the_first_that_is_not_a_proxy,
    forwarded::t22_forwarded_addresses_of_untrusted_peers_are_not_read,
    forwarded::t22_other_headers_say_nothing_of_the_source,
    forwarded::t22_the_header_of_the_proxies_can_be_another,
    forwarded::t22_a_forwarded_source_proves_nothing,
    trust::a_handler_is_told_the_trust_of_its_delivery,
    trust::what_is_trusted_less_than_demanded_is_rejected,
    trust::what_cannot_be_enough_is_not_confirmed,
    confirmations::the_handler_gets_what_was_confirmed,
    confirmations::what_was_denied_is_rejected,
    confirmations::what_was_not_verified_is_not_confirmed,
    confirmations::a_body_that_is_not_an_event_is_not_confirmed,
    confirmations::a_signed_delivery_stays_signed_when_it_is_confirmed,
    confirmations::i5_a_confirmation_that_fails_or_panics_is_answered_503,
    confirmations::i5_a_retry_after_a_failed_confirmation_is_accepted,
    confirmations::i5_a_confirmation_that_hangs_is_dropped_in_time,
    confirmations::a1_a_confirmation_that_never_rests_does_not_escape_its_time,
    confirmations::t26_the_confirmation_of_a_sender_that_hangs_up_is_dropped,
    confirmations::t26_the_confirmation_of_a_sender_that_resets_is_dropped,
    confirmations::everything_can_be_demanded_at_once,
    handlers::t7_the_handler_gets_the_body_byte_for_byte,
    handlers::the_matched_secret_and_the_trust_are_told,
    handlers::the_ids_of_documented_and_unknown_events_are_told,
    handlers::t9_an_unsigned_time_is_told_if_it_is_one_number,
    handlers::t19_the_handler_does_not_see_the_token_and_sees_the_rest_of_the_url,
    handlers::t30_a_handler_without_a_verification_says_what_is_missing,
    handlers::t30_a_handler_behind_another_providers_verification_says_what_is_missing,
    results::c04_a_handler_has_a_say_however_the_secret_is_found,
    results::a_handler_that_takes_a_result_decides_about_an_unreadable_body,
    results::a_handler_that_takes_the_delivery_is_not_called_for_an_unreadable_body,
    results::an_unreadable_body_that_was_not_confirmed_does_not_reach_a_handler_that_demands_it,
    results::a_handler_that_ignores_the_delivery_gets_any_verified_body,
    own_events::a_payload_is_read_as_the_type_that_the_handler_names,
    own_events::i2_a_payload_that_cannot_be_read_is_422_and_its_retry_runs,
    own_events::a_handler_that_takes_a_result_decides_about_its_own_type,
    own_events::a_confirmed_event_is_read_and_not_the_body,
    reasons::layers_outside_are_told_the_true_reason,
    reasons::a_rejection_response_replaces_every_rejection,
    identities::c09_two_endpoints_with_one_store_handle_their_own_deliveries,
    identities::c09_endpoints_that_share_a_secret_are_told_apart_by_name,
    identities::c11_later_news_of_the_same_thing_is_handled,
    identities::c11_events_with_a_time_that_cannot_be_read_are_told_apart,
    identities::c13_accounts_that_differ_by_secret_alone_are_told_apart,
    identities::c36_a_test_delivery_that_repeats_is_a_duplicate,
    settings::an_age_limit_counts_by_the_clock,
    settings::t15_a_body_limit_can_be_set,
    settings::a_verifiers_trust_look_up_confirmation_and_sources_reach_the_layer,
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
        for &(name, behaviour) in OF_SERVERS.iter().filter(|_| surface.is_server()) {
            let surface = Arc::clone(surface);
            trials.push(Trial::test(format!("{}::{name}", surface.name()), move || {
                behaviour(surface.server());
                Ok(())
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Before `exit`: the receivers are stopped by being dropped.
    drop(surfaces);
    if conclusion.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
