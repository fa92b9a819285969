//! The messages of RFC 5118 (addresses of IPv6), as its section 4 has them with lengths counted anew (4.6, 4.8 and 4.9 say
//! 268, 181 and 236 octets and have 251, 189 and 245), before the doorkeeper: what passes, and what is answered at once.
//! Those of RFC 4475, against a running server, are in `torture`.

use caseline_voice::sip::prefilter::Verdict::{self, Answer, Pass};
use caseline_voice::sip::prefilter::{Carrier, prefilter};
use caseline_voice::sip::sdp::Sdp;

/// Message, verdict, why.
const TABLE: [(&str, &[u8], Verdict, &str); 12] = [
    ("ipv6-good", include_bytes!("../rfc5118/ipv6-good.dat"), Answer(405), "4.1: well formed; REGISTER is not for us"),
    ("ipv6-bad", include_bytes!("../rfc5118/ipv6-bad.dat"), Answer(400), "4.2: an address without brackets"),
    ("port-ambiguous", include_bytes!("../rfc5118/port-ambiguous.dat"), Answer(405), "4.3: all of it is the address"),
    ("port-unambiguous", include_bytes!("../rfc5118/port-unambiguous.dat"), Answer(405), "4.4: a port behind brackets"),
    ("with-delim", include_bytes!("../rfc5118/via-received-param-with-delim.dat"), Pass, "4.5: brackets in `received`"),
    ("no-delim", include_bytes!("../rfc5118/via-received-param-no-delim.dat"), Pass, "4.5: as the grammar has it"),
    ("ipv6-in-sdp", include_bytes!("../rfc5118/ipv6-in-sdp.dat"), Pass, "4.6"),
    ("mult-ip-in-header", include_bytes!("../rfc5118/mult-ip-in-header.dat"), Pass, "4.7"),
    ("mult-ip-in-sdp", include_bytes!("../rfc5118/mult-ip-in-sdp.dat"), Pass, "4.8"),
    ("ipv4-mapped-ipv6", include_bytes!("../rfc5118/ipv4-mapped-ipv6.dat"), Pass, "4.9"),
    (
        "3-colons",
        include_bytes!("../rfc5118/ipv6-bug-abnf-3-colons.dat"),
        Answer(400),
        "4.10: RFC 3261's grammar had it; it is no address (RFC 5954)",
    ),
    ("2-colons", include_bytes!("../rfc5118/ipv6-correct-abnf-2-colons.dat"), Pass, "4.10"),
];

#[test]
fn every_message_of_rfc_5118_passes_or_is_answered_as_its_row_says() {
    for (name, bytes, verdict, why) in TABLE {
        assert_eq!(prefilter(bytes, Carrier::Datagram), verdict, "{name}: {why}");
        assert_eq!(prefilter(bytes, Carrier::Stream), verdict, "{name} in a stream: {why}");
    }
}

#[test]
fn descriptions_with_addresses_of_both_kinds_are_read() {
    let described = |name: &str| {
        let bytes = TABLE.iter().find(|row| row.0 == name).unwrap().1;
        let body = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        Sdp::parse(&bytes[body..]).unwrap()
    };
    let addresses = |name: &str| {
        let media = described(name).media;
        media.iter().map(|media| media.address.unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(addresses("ipv6-in-sdp"), ["2001:db8::20", "2001:db8::20"]);
    assert_eq!(addresses("mult-ip-in-sdp"), ["192.0.2.1", "2001:db8::1"]);
    assert_eq!(addresses("ipv4-mapped-ipv6").len(), 2);
}
