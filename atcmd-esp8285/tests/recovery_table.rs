//! What a driver for these modems must survive: twenty behaviours, and the
//! tests that show what comes of each. That all of them exist is tested here.

/// What happens, and the tests that show what the driver makes of it.
const SHOWN_BY: &[(&str, &[&str])] = &[
    (
        "a message stands inside an echo, before a prompt, between any two lines",
        &[
            "messages_anywhere_in_an_exchange_change_nothing",
            "urcs_may_come_anywhere_in_a_send",
            "a_urc_inside_an_echo_counts",
        ],
    ),
    (
        "data is pushed or announced in the middle of another exchange",
        &[
            "a_pushed_frame_may_come_before_the_prompt",
            "an_announcement_inside_the_length_query_counts",
        ],
    ),
    (
        "a send has two results, or a late one",
        &[
            "a_send_with_two_results_or_a_late_one_is_one_send",
            "send_fail_followed_by_send_ok_is_ok_and_alone_it_is_a_failure",
            "busy_s_is_asked_again_and_a_late_send_ok_is_not_the_next_ones",
        ],
    ),
    (
        "busy instead of a reply, for as long as a join takes",
        &[
            "a_modem_that_is_often_busy_is_only_slower",
            "a_busy_modem_is_asked_again",
        ],
    ),
    (
        "the peer closes in the middle of a send, or the link is used again",
        &[
            "a_peer_that_closes_under_a_send_leaves_the_modem_usable",
            "a_send_on_a_link_that_closes_under_it_fails_in_two_seconds",
            "a_handle_to_an_earlier_connection_never_sees_the_next_ones_data",
        ],
    ),
    (
        "data waits in the modem after CLOSED",
        &[
            "data_behind_a_closed_connection_is_read_to_its_end",
            "after_closed_the_rest_is_read_and_then_it_is_the_end_for_ever",
            "an_announcement_without_data_is_not_the_end",
        ],
    ),
    (
        "an announcement is forgotten",
        &[
            "forgotten_announcements_cost_time_and_no_data",
            "forgotten_announcements_are_asked_for",
        ],
    ),
    (
        "an earlier session left AT+CIPDINFO=1 behind",
        &["peer_addresses_in_headers_are_switched_off_at_start_up"],
    ),
    (
        "bytes are lost on the wire, also inside a frame",
        &[
            "lost_bytes_on_the_line_never_stop_the_driver",
            "a_frame_cut_short_on_the_wire_does_not_swallow_the_rest_of_the_session",
        ],
    ),
    (
        "the modem restarts at any time",
        &[
            "after_a_restart_at_any_moment_the_next_connection_works",
            "a_restart_ends_every_connection_and_the_driver_goes_on",
            "a_restart_that_nobody_saw_is_noticed_by_what_the_modem_says",
        ],
    ),
    (
        "it joins by itself at power-up, in the way of the first join",
        &[
            "a_modem_that_joins_by_itself_is_joined_all_the_same",
            "a_late_answer_to_a_refused_command_is_not_taken_for_the_next_ones",
        ],
    ),
    (
        "only the host restarts: links, data and half a send are left over",
        &[
            "a_host_that_restarts_alone_finds_a_usable_modem",
            "leftovers_at_start_up_do_not_matter",
            "open_links_of_an_earlier_session_are_closed_before_links_are_numbered",
        ],
    ),
    (
        "names cannot be resolved: too old, or not joined yet",
        &[
            "old_firmware_resolves_no_names_and_says_so",
            "lookups_fail_with_the_reason_the_modem_gives",
        ],
    ),
    (
        "a failed connect is said in many ways",
        &[
            "a_refused_connect_is_refused_in_every_dialect",
            "a_failed_connect_is_refused_however_the_modem_says_it",
        ],
    ),
    (
        "quotes, commas and backslashes in names and passwords",
        &[
            "awkward_names_and_passwords_are_joined_or_refused_before_sending",
            "nothing_is_sent_for_arguments_that_cannot_be_sent",
        ],
    ),
    (
        "the modem closes a connection that was idle",
        &["a_connection_the_modem_closes_for_idleness_ends_orderly"],
    ),
    (
        "payload looks like replies",
        &["a_payload_made_of_everything_the_modem_says_is_just_payload"],
    ),
    (
        "Wi-Fi is lost under open links",
        &[
            "lost_wifi_ends_connections_and_joining_again_mends_it",
            "a_lost_access_point_is_not_an_orderly_end",
        ],
    ),
    (
        "the baud rate switch is a race, and the reported rate is rounded",
        &[
            "the_host_follows_after_at_least_twenty_milliseconds_and_proves_it",
            "a_rate_at_which_the_host_hears_nothing_ends_where_it_began",
        ],
    ),
    (
        "a reply never comes",
        &[
            "lost_lines_are_made_up_for",
            "a_modem_that_dies_while_a_reader_waits_is_noticed_in_both_modes",
            "closing_a_link_the_modem_no_longer_has_is_fine",
        ],
    ),
];

#[test]
fn every_behaviour_is_shown_by_tests_that_exist() {
    let sources = [
        include_str!("recovery_facts.rs"),
        include_str!("recovery.rs"),
        include_str!("protocol.rs"),
        include_str!("receiving.rs"),
        include_str!("sending.rs"),
        include_str!("transfer.rs"),
        include_str!("wire.rs"),
        include_str!("sequence.rs"),
        include_str!("baud.rs"),
        include_str!("../src/at/urc.rs"),
    ];
    for (behaviour, tests) in SHOWN_BY {
        for test in *tests {
            let found = sources.iter().any(|source| {
                source.contains(&format!("#[test]\nfn {test}()"))
                    || source.contains(&format!("#[test]\n    fn {test}()"))
            });
            assert!(found, "{behaviour}: {test} does not exist");
        }
    }
    assert_eq!(SHOWN_BY.len(), 20);
}
