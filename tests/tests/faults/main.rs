//! The twenty-five faults, each with tests that bear its number and say what is expected.
//!
//! | # | fault | how it is made here |
//! |---|---|---|
//! | 1 | the server commits, the response is lost | the sandbox resets or closes the connection behind the commit |
//! | 2 | the request is lost before the server | a relay takes all of it and lets nothing through; a port where nobody listens |
//! | 3 | the server commits after the client has given up | the sandbox carries out late, or once the connection is gone |
//! | 4 | kill -9 at every boundary | SIGKILL of a child on real files at random moments; a simulated process killed at every third call that changes its disk |
//! | 5 | power loss | a simulated disk drops or tears what was not synced, at every fourth call |
//! | 6 | disk full at a write | tmpfs of 2 and 6 MB, a limit on file sizes with SIGXFSZ ignored, a simulated disk at every sixth call |
//! | 7 | EIO at the n-th call | a simulated disk at every sixth call; alone, and with a power cut behind it |
//! | 8 | a bit flipped, a file damaged | one bit on each page of a real file; files cut, emptied, replaced; rubbish for a log |
//! | 9 | the key is lost or wrong, the keystore says no | a vault that does so; one that gives another key or none |
//! | 10 | a newer schema; a migration killed midway | `user_version` 99; a simulated disk, a kill or a power cut at each call of the making |
//! | 11 | the session expires mid-drain | the sandbox lets it expire after three calls |
//! | 12 | another user with a non-empty queue | two officers, two books, one bank that knows both |
//! | 13 | a duplicate response, another's response | the sandbox repeats, contradicts, swaps, misnames and leaves out answers |
//! | 14 | truncated ciphertext | every length of it, and every length of the reply from its head on |
//! | 15 | random bytes, bad padding, bad JSON, swapped blocks | a raw peer; one bit in each block too |
//! | 16 | a captive portal, an empty body, a wrong type, any status | the sandbox, to downloads and to creates |
//! | 17 | redirects | 301, 302, 303, 307, 308 to a listener that counts who calls: nobody |
//! | 18 | a huge response | a gigabyte with, without and with a false length, in a process whose memory is measured; gzip, depth, keys |
//! | 19 | slow loris | a byte each 100 ms from the head on, in the body; silence |
//! | 20 | bad TLS | an unknown authority, another host, an expired certificate, plain HTTP on the port and in the profile. Pins and a host that refuses: `core/tests/net/trust.rs`. TLS below 1.2 does not exist in the TLS library |
//! | 21 | the clock jumps | a clock set to 1970, by days and by ten years, before sending and while sending waits |
//! | 22 | 5xx and 429 with any Retry-After | 10⁹, negative, garbage, empty, none |
//! | 23 | the source changes, an upload is cut at each chunk | the record edited after it was saved; a relay cuts an upload of 240 KB at seven places. Documents extend it |
//! | 24 | hostile input | texts of every kind in every field and argument, 10 MB among them; 64 threads; calls after the end; a vault that throws |
//! | 25 | two processes, two handles | a child and this process on one book, the holder of the lease killed; two handles in one process |
//!
//! Not made here: 10⁵ queued entries (the benches have them), and what only another language can hand in (lone
//! surrogates: no Rust text holds one; what a *server* sends of them is refused, see 24).
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod answers;
mod clock;
mod damage;
mod device;
mod disk;
mod full_disk;
mod garbled;
mod giant;
mod hostile;
mod kill;
mod lost;
mod peers;
mod people;

/// What a name's number must be, and that name as this program lists it.
macro_rules! faults {
    ($($number:literal => $($path:path),+;)+) => {
        const FAULTS: &[(u8, &[(&str, fn())])] = &[$(($number, &[$((stringify!($path), $path as fn())),+])),+];
    };
}

faults! {
    1 => lost::fault_01_response_lost_after_commit;
    2 => lost::fault_02_request_lost_before_the_server_is_sent_again_after_the_quiet_period,
        lost::fault_02_without_a_connection_nothing_is_in_doubt;
    3 => lost::fault_03_late_commit_is_waited_for;
    4 => disk::fault_04_killed_at_each_call_nothing_is_lost_and_nothing_is_doubled,
        kill::fault_04_killed_at_random_points_nothing_is_lost_and_nothing_is_doubled;
    5 => disk::fault_05_a_power_cut_loses_nothing_acknowledged;
    6 => device::fault_06_on_a_full_disk_a_save_is_refused_and_what_was_saved_is_there,
        full_disk::fault_06_a_full_disk_stops_saves_with_a_word_and_loses_nothing,
        disk::fault_06_a_write_that_finds_no_room_loses_nothing_acknowledged;
    7 => disk::fault_07_an_io_error_at_any_call_is_never_taken_for_success,
        disk::fault_07_what_is_acknowledged_after_an_io_error_survives_a_power_cut;
    8 => device::fault_08_a_bit_flipped_on_any_page_never_gives_wrong_data,
        device::fault_08_a_damaged_salt_costs_nothing,
        damage::fault_08_a_damaged_file_is_told_set_aside_whole_and_followed_by_a_fresh_book,
        damage::fault_08_damage_where_no_work_lies_keeps_no_book_shut,
        damage::fault_08_rubbish_for_a_log_costs_nothing;
    9 => device::fault_09_a_key_that_cannot_be_had_touches_nothing,
        device::fault_09_a_lost_or_wrong_key_is_told_from_damage_and_deletes_nothing,
        device::fault_09_a_vault_that_hangs_holds_up_its_own_book_alone;
    10 => device::fault_10_a_newer_schema_can_be_read_and_is_not_written,
        disk::fault_10_a_migration_killed_midway_is_old_or_new;
    11 => people::fault_11_a_session_that_ends_in_the_middle_blames_nobody;
    12 => people::fault_12_another_officers_queue_is_neither_seen_nor_sent;
    13 => lost::fault_13_an_answer_settles_only_whom_it_names;
    14 => answers::fault_14_a_download_cut_at_any_byte_applies_nothing,
        answers::fault_14_a_sealed_message_of_any_shorter_length_applies_nothing,
        answers::fault_14_an_answer_cut_anywhere_leaves_the_create_in_doubt_and_it_is_made_once;
    15 => garbled::fault_15_whatever_is_wrong_with_a_sealed_message_is_one_error;
    16 => answers::fault_16_a_download_of_anything_else_applies_nothing,
        answers::fault_16_a_create_answered_by_anything_else_is_in_doubt_and_made_once;
    17 => answers::fault_17_no_redirect_is_followed;
    18 => giant::fault_18_a_gigabyte_costs_no_memory;
    19 => answers::fault_19_a_reply_that_trickles_ends_when_its_time_is_over;
    20 => peers::fault_20_a_peer_that_is_not_the_bank_gets_no_request,
        peers::fault_20_a_peer_without_tls_gets_a_greeting_and_nothing_of_ours,
        peers::fault_20_plain_http_leaves_this_machine_for_nobody,
        peers::fault_20_what_waited_before_a_stranger_goes_to_the_bank;
    21 => clock::fault_21_a_wrong_clock_is_shown_and_holds_nothing_up,
        clock::fault_21_a_clock_that_jumps_while_sending_waits_neither_hurries_nor_stalls_it;
    22 => clock::fault_22_retry_after_is_clamped_and_garbage_is_none;
    23 => lost::fault_23_an_upload_cut_on_its_way_is_made_once;
    24 => hostile::arguments::fault_24_a_code_that_is_none_is_refused_by_name,
        hostile::arguments::fault_24_a_profile_of_odd_letters_is_refused_and_not_taken_for_another,
        hostile::arguments::fault_24_a_reason_is_kept_whole,
        hostile::arguments::fault_24_a_receipt_of_a_list_that_was_not_read_whole_is_not_the_same,
        hostile::arguments::fault_24_letters_that_are_none_cost_their_row_alone,
        hostile::arguments::fault_24_secrets_of_any_letters_arrive_as_they_are,
        hostile::arguments::fault_24_secrets_that_cannot_be_sent_are_refused_by_name,
        hostile::crowd::fault_24_a_call_after_the_end_is_locked,
        hostile::crowd::fault_24_a_host_that_throws_costs_the_call_alone,
        hostile::crowd::fault_24_sixty_four_threads_at_once_save_each_of_theirs_once,
        hostile::fields::fault_24_a_book_and_its_settings_are_checked_at_the_door,
        hostile::fields::fault_24_a_refused_edit_changes_nothing,
        hostile::fields::fault_24_every_field_refuses_by_name_or_keeps_the_whole_of_it,
        hostile::fields::fault_24_searches_and_drafts_take_anything_or_say_no;
    25 => kill::fault_25_after_another_process_has_sent_the_bank_is_read_first,
        kill::fault_25_an_answer_that_comes_while_another_process_opens_the_book,
        kill::fault_25_of_two_processes_on_one_book_only_the_holder_of_the_lease_sends,
        kill::fault_25_two_handles_of_one_process_are_one_book;
}

/// The table above is the list of the tests that run, by name: none is missing, none is left out, no number is without.
#[test]
fn every_fault_has_its_test() {
    let numbers: Vec<_> = FAULTS.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=25).collect::<Vec<_>>());
    let mut named = vec![];
    for (number, tests) in FAULTS {
        for (path, _) in *tests {
            let path = path.replace(' ', "");
            let name = path.rsplit("::").next().unwrap();
            assert!(name.starts_with(&format!("fault_{number:02}_")), "{path} is no test of fault {number}");
            named.push(path);
        }
    }
    named.sort();
    let listed =
        std::process::Command::new(std::env::current_exe().unwrap()).args(["--list"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let tests = listed.lines().filter_map(|line| line.strip_suffix(": test"));
    let mut run: Vec<_> = tests.filter(|path| path.contains("::fault_")).map(str::to_owned).collect();
    run.sort();
    assert_eq!(run, named);
}
