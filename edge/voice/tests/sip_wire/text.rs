//! Everything that is read from outside as text: descriptions and messages, made up at random, cut, mixed and real.

use caseline_voice::sip::agreement::{Codec, LocalMedia, answer, offer, read_answer};
use caseline_voice::sip::prefilter::{Carrier, Verdict, fuzz_prefilter, prefilter};
use caseline_voice::sip::sdp::{MEDIA_MAX, PayloadMap, fuzz_sdp};
use caseline_voice::sip::{Direction, NoAgreement, Sdp, SdpFault, SdpMedia};
use proptest::prelude::*;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

fn local() -> LocalMedia {
    LocalMedia::at("192.0.2.1:40000".parse().unwrap(), 42)
}

fn read(text: &str) -> Sdp {
    Sdp::parse(text.as_bytes()).unwrap()
}

/// A carrier's offer: CRLF, both levels of `c=`, static types without a map.
const CARRIER: &str = "v=0\r\no=SBC 12345678901234567890123 1 IN IP4 198.51.100.7\r\ns=sip call\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n\
    m=audio 20002 RTP/AVP 18 8 0 101\r\nc=IN IP4 198.51.100.9\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n";

#[test]
fn the_first_format_of_the_offer_that_we_speak_is_chosen() {
    let (text, agreed) = answer(&read(CARRIER), &local()).unwrap();
    assert_eq!((agreed.codec, agreed.payload, agreed.key_events), (Codec::Pcma, 8, Some(101)));
    assert_eq!(agreed.remote, "198.51.100.9:20002".parse().unwrap());
    assert!(text.contains("m=audio 40000 RTP/AVP 8 101\r\n") && text.contains("a=fmtp:101 0-16\r\n"), "{text}");
    assert!(text.ends_with("\r\n"));
}

#[test]
fn line_ends_without_cr_are_read_the_same() {
    assert_eq!(read(&CARRIER.replace("\r\n", "\n")), read(CARRIER));
}

#[test]
fn renumbered_formats_keep_the_offerer_s_numbers() {
    let text = "v=0\r\no=- 1 1 IN IP6 2001:db8::7\r\ns=-\r\nc=IN IP6 2001:db8::7\r\nt=0 0\r\nm=audio 9000 RTP/AVP 97 96\r\n\
        a=rtpmap:97 pcmu/8000/1\r\na=rtpmap:96 Telephone-Event/8000\r\n";
    let mut local = local();
    local.rtp = "[2001:db8::1]:40000".parse().unwrap();
    let (text, agreed) = answer(&read(text), &local).unwrap();
    assert_eq!((agreed.codec, agreed.payload, agreed.key_events), (Codec::Pcmu, 97, Some(96)));
    assert!(text.contains("c=IN IP6 2001:db8::1\r\n") && text.contains("m=audio 40000 RTP/AVP 97 96\r\n"), "{text}");
}

#[test]
fn other_sections_are_refused_with_port_zero_and_keep_their_place() {
    let text = CARRIER.replace("m=audio", "m=video 5000 RTP/AVP 31\r\nm=audio 6000 RTP/SAVP 0\r\nm=audio")
        + "m=image 7000 udptl t38\r\n";
    let (answer, agreed) = answer(&read(&text), &local()).unwrap();
    let rows: Vec<&str> = answer.lines().filter(|row| row.starts_with("m=")).collect();
    assert_eq!(
        rows,
        ["m=video 0 RTP/AVP 31", "m=audio 0 RTP/SAVP 0", "m=audio 40000 RTP/AVP 8 101", "m=image 0 udptl t38"]
    );
    assert_eq!(agreed.remote.port(), 20_002);
}

#[test]
fn what_does_not_fit_is_said() {
    let none = |text: &str| answer(&read(text), &local()).unwrap_err();
    assert_eq!(none(&CARRIER.replace("RTP/AVP 18 8 0 101", "RTP/AVP 18 101")), NoAgreement::NoCodec);
    assert_eq!(none(&CARRIER.replace("m=audio 20002", "m=audio 0")), NoAgreement::NoAudio);
    assert_eq!(
        none("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\nm=audio 20002 RTP/AVP 0\r\n"),
        NoAgreement::NoAudio
    );
    assert_eq!(NoAgreement::NoCodec.status(), 488);
}

#[test]
fn hold_is_answered_as_rfc_3264_has_it() {
    for (theirs, wish, ours) in [
        ("sendonly", Direction::SendRecv, Direction::RecvOnly),
        ("recvonly", Direction::SendRecv, Direction::SendOnly),
        ("inactive", Direction::SendRecv, Direction::Inactive),
        ("sendrecv", Direction::SendOnly, Direction::SendOnly),
        ("sendonly", Direction::SendOnly, Direction::Inactive),
    ] {
        let mut local = local();
        local.direction = wish;
        // The direction may stand before the section or in it.
        for text in
            [format!("{CARRIER}a={theirs}\r\n"), CARRIER.replace("t=0 0\r\n", &format!("t=0 0\r\na={theirs}\r\n"))]
        {
            let (text, agreed) = answer(&read(&text), &local).unwrap();
            assert_eq!(agreed.direction, ours);
            assert!(text.contains(&format!("a={}\r\n", ours.attribute())));
        }
    }
    // The old way: address 0.0.0.0.
    let (_, agreed) = answer(&read(&CARRIER.replace("198.51.100.9", "0.0.0.0")), &local()).unwrap();
    assert_eq!(agreed.direction, Direction::RecvOnly);
    assert!(agreed.remote.ip().is_unspecified());
}

#[test]
fn our_offer_and_an_answer_to_it_agree() {
    let mut far = local();
    far.rtp = "192.0.2.2:50000".parse().unwrap();
    far.codecs = vec![Codec::Pcma];
    let (text, theirs) = answer(&read(&offer(&local())), &far).unwrap();
    let ours = read_answer(&read(&text), &local()).unwrap();
    assert_eq!((theirs.codec, ours.codec, ours.key_events), (Codec::Pcma, Codec::Pcma, Some(101)));
    assert_eq!((ours.remote, theirs.remote), (far.rtp, local().rtp));
    assert_eq!(read_answer(&read(&text.replace("m=audio 50000", "m=audio 0")), &local()), Err(NoAgreement::NoAudio));
}

#[test]
fn descriptions_that_cannot_be_read_name_the_row() {
    assert_eq!(Sdp::parse(b""), Err(SdpFault::NotSdp));
    assert_eq!(Sdp::parse(b"v=1\r\n"), Err(SdpFault::NotSdp));
    assert_eq!(Sdp::parse(b"\xff\xfe"), Err(SdpFault::NotSdp));
    assert_eq!(Sdp::parse(b"v=0\r\nm=audio x RTP/AVP 0\r\n"), Err(SdpFault::BadRow { row: 2 }));
    assert_eq!(Sdp::parse(b"v=0\no=- 1 1 IN IP4 a\nc=IN\n"), Err(SdpFault::BadRow { row: 3 }));
    let many = String::from("v=0\r\n") + &"m=audio 1 RTP/AVP 0\r\n".repeat(MEDIA_MAX + 1);
    assert_eq!(Sdp::parse(many.as_bytes()), Err(SdpFault::TooLong));
    assert_eq!(Sdp::parse(&vec![b'v'; 20_000]), Err(SdpFault::TooLong));
}

fn any_address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(IpAddr::from)]
}

prop_compose! {
    fn any_media()(
        port in 1_u16..,
        address in any_address(),
        payloads in proptest::collection::vec(0_u8..128, 1..6),
        encoding in "[A-Za-z][A-Za-z0-9-]{0,12}",
        clock_hz in 1_u32..96_000,
        ptime_ms in proptest::option::of(1_u16..=200),
        direction in prop_oneof![Just(Direction::SendRecv), Just(Direction::SendOnly), Just(Direction::RecvOnly), Just(Direction::Inactive)],
    ) -> SdpMedia {
        SdpMedia {
            kind: String::from("audio"), port, profile: String::from("RTP/AVP"), address: Some(address),
            formats: payloads.iter().map(u8::to_string).collect(),
            maps: vec![PayloadMap { payload: payloads[0], encoding, clock_hz }],
            parameters: vec![(payloads[0], String::from("0-16"))],
            ptime_ms, direction,
        }
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_the_same(origin_id: u64, origin_version: u64, media in proptest::collection::vec(any_media(), 0..4)) {
        let sdp = Sdp { origin_id, origin_version, media };
        let text = sdp.print("-");
        prop_assert_eq!(Sdp::parse(text.as_bytes()).unwrap(), sdp.clone());
        prop_assert_eq!(Sdp::parse(text.replace('\r', "").as_bytes()).unwrap(), sdp);
    }

    #[test]
    fn random_descriptions_never_break_anything(text in "v=0\r?\n([vosctma]=[ -~]{0,40}\r?\n){0,12}", noise: Vec<u8>) {
        fuzz_sdp(text.as_bytes());
        fuzz_sdp(&noise);
    }

    #[test]
    fn an_answer_s_audio_is_what_was_offered(media in proptest::collection::vec(any_media(), 1..4)) {
        let sdp = Sdp { origin_id: 1, origin_version: 1, media };
        if let Ok((text, agreed)) = answer(&sdp, &local()) {
            let answered = Sdp::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(answered.media.len(), sdp.media.len());
            let used: Vec<usize> = (0..sdp.media.len()).filter(|at| answered.media[*at].port != 0).collect();
            prop_assert_eq!(used.len(), 1);
            prop_assert!(sdp.media[used[0]].payloads().any(|payload| payload == agreed.payload));
            prop_assert_eq!(agreed.remote, SocketAddr::new(sdp.media[used[0]].address.unwrap(), sdp.media[used[0]].port));
        }
    }

    #[test]
    fn random_octets_never_break_the_doorkeeper(noise: Vec<u8>) {
        fuzz_prefilter(&noise);
    }

    #[test]
    fn torture_messages_cut_and_mixed_never_break_anything(which in 0_usize..49, cut in 0_usize..4_000, at in 0_usize..4_000, octet: u8, other in 0_usize..49) {
        let corpus = corpus();
        let mut bytes = corpus[which].clone();
        bytes.truncate(cut.max(1));
        let place = at % bytes.len();
        bytes[place] = octet;
        bytes.extend_from_slice(&corpus[other][at % corpus[other].len()..]);
        fuzz_prefilter(&bytes);
        fuzz_sdp(&bytes);
        if let Some(body) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            fuzz_sdp(&bytes[body + 4..]);
        }
    }
}

fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rfc4475");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let corpus: Vec<Vec<u8>> = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|ext| ext == "dat"))
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert_eq!(corpus.len(), 49);
    corpus
}

#[test]
fn the_whole_corpus_runs_through_the_fuzz_targets() {
    for bytes in corpus() {
        fuzz_prefilter(&bytes);
        fuzz_sdp(&bytes);
        // Cut at every octet: nothing breaks, and no cut head ever passes.
        for length in 0..bytes.len() {
            let verdict = prefilter(&bytes[..length], Carrier::Stream);
            assert!(verdict != Verdict::Pass || bytes[..length].windows(4).any(|four| four == b"\r\n\r\n"));
        }
    }
}
