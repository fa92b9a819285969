//! What every store must do, whatever it is made of: one suite, run on SQLite and on the model.
//! What only one of them can show (files, keys, kills) is left to its own tests.

mod cards;
mod contacts;
pub mod demands;
mod feeds;
mod keeping;
mod limits;
mod logins;
mod openid;
mod passkeys;
mod reaching;
pub mod staff;
mod tasks;
pub mod tickets;
pub mod values;

use caseline_helpline::ports::Store;
use std::pin::Pin;

/// A check: its sentence, and what it does to a fresh store. It panics when the store does otherwise.
pub type Check = (&'static str, for<'s> fn(&'s dyn Store) -> Pin<Box<dyn Future<Output = ()> + Send + 's>>);

macro_rules! checks {
    ($($module:ident: $($name:ident),+ $(,)?;)+) => {
        /// All checks.
        pub const CHECKS: &[Check] = &[$($((stringify!($name), |store| Box::pin($module::$name(store)))),+),+];
    };
}

checks! {
    contacts:
        a_contact_ends_once_and_the_first_disposition_stands,
        a_contact_that_begins_twice_is_one_contact,
        the_state_of_a_conversation_is_kept_for_a_day_and_goes_with_the_contact,
        a_caller_who_was_cut_off_finds_their_place_once_and_within_minutes,
        a_cut_off_contact_to_which_nobody_comes_back_is_found;
    reaching:
        a_code_opens_its_case_once,
        an_unknown_number_and_a_wrong_code_are_answered_alike,
        two_wrong_tries_in_a_contact_lead_to_a_person,
        a_right_code_while_the_number_is_closed_is_refused_and_not_used_up,
        a_new_card_does_not_reset_what_was_counted,
        past_twenty_wrong_codes_two_codes_of_different_rows_open,
        five_wrong_tries_of_a_caller_lead_to_a_person_for_the_day,
        a_shelter_is_not_locked_by_one_guest,
        a_flood_of_guesses_leaves_known_callers_alone,
        in_a_flood_an_own_file_opens_by_its_receipt_and_word_and_the_word_cannot_be_tried_out,
        a_case_opens_only_in_the_contact_that_opened_it_and_until_it_ends,
        a_contact_has_one_case_open_and_what_opens_another_closes_it,
        an_own_file_opens_by_its_receipt_and_its_word,
        a_right_word_directly_after_its_receipt_counts_nothing,
        a_receipt_without_its_word_is_no_free_try,
        forget_me_destroys_all_and_says_what;
    limits:
        existing_absent_used_closed_and_over_are_answered_alike,
        two_codes_in_a_row_open_a_closed_number,
        whoever_tries_a_number_elsewhere_takes_nobody_s_first_code_away,
        wrong_tries_of_withheld_callers_lock_nobody_out_who_has_a_card,
        wrong_tries_that_show_somebody_s_number_do_not_lock_them_out,
        a_number_that_a_flood_tried_is_not_closed_by_it,
        a_new_week_has_another_key_for_callers,
        what_needs_no_proof_is_never_limited;
    passkeys:
        a_passkey_is_made_with_one_more_code_and_opens_its_case,
        an_unknown_passkey_and_one_that_does_not_fit_are_answered_alike,
        a_passkey_is_not_kept_without_a_right_code_of_the_open_case,
        a_case_has_three_passkeys_and_a_new_card_ends_them,
        forget_me_destroys_passkeys_and_says_how_many;
    tasks:
        an_obligation_is_kept_once,
        another_number_for_a_promise_is_the_one_that_is_called,
        one_worker_has_the_lease_and_an_older_one_is_refused,
        an_attempt_of_unknown_end_is_not_repeated_at_once,
        an_obligation_whose_time_is_over_is_given_up,
        a_reminder_is_taken_at_its_minute_and_in_its_place_among_others,
        a_report_is_followed_by_its_code_alone,
        a_report_is_somebody_s_obligation;
    feeds:
        a_feed_adds_versions_and_overwrites_nothing,
        a_number_that_nobody_enrolled_leaves_nothing,
        a_number_that_a_feed_no_longer_has_is_said_to_have_vanished_once,
        what_a_feed_says_again_was_seen_again,
        a_garbled_row_is_not_a_vanished_person,
        a_number_stays_with_its_case;
    keeping:
        every_class_goes_when_its_time_is_over,
        a_call_keeps_a_case_for_ninety_days_more,
        a_case_stays_until_after_its_last_hearing,
        entries_about_a_case_keep_the_day_only,
        the_log_of_a_contact_reads_as_it_happened;
}

/// Runs all checks, each on a store of its own.
///
/// # Panics
/// When a store does not do what a check says; the check's name is printed before.
pub async fn run_contract<F, S>(make_store: F)
where
    F: AsyncFn() -> S,
    S: AsRef<dyn Store>,
{
    for (name, check) in CHECKS {
        let store = make_store().await;
        tracing::info!(name, "checking");
        check(store.as_ref()).await;
    }
}
