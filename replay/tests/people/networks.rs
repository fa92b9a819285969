//! Calls as networks deform them: carriers that send voice from elsewhere, telephones behind routers.
//! The rules are the media engine's, with tests of their own; here the line draws them from signalling and settings.

use crate::house::{LOOPBACK, Up, WITHIN, telephone};
use caseline_helpline::people::People;
use caseline_voice::line::TrunkNetworks;
use caseline_voice::media::Codec;
use caseline_voice::phone::{KeyMethod, PhoneCall, PhoneSettings};
use caseline_voice::sip::Trunk;
use std::net::IpAddr;

const CARRIER: &str = "127.0.0.9";

/// A line on a trunk at 127.0.0.9 that may send voice from 127.0.30.0/24.
async fn on_a_trunk() -> Up {
    let networks = TrunkNetworks { trunk: "carrier".into(), networks: ["127.0.30.0/24".parse().unwrap()].into() };
    Up::on(
        People::default(),
        |sip| {
            sip.ping_every = None;
            sip.trunks.push(Trunk { register: false, ..Trunk::new("carrier", CARRIER, "line", "secret") });
        },
        |settings| settings.trunk_networks.push(networks),
    )
    .await
}

/// A call that the carrier hands over, its voice from another address than its SIP.
fn gateway(sip: &str, voice: &str) -> PhoneSettings {
    let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
    PhoneSettings { bind: address(sip), sound_from: address(voice), ..telephone() }
}

/// A caller presses a key at the first question: whether the line heard it.
async fn is_heard(mut caller: PhoneCall) -> bool {
    caller.heard_text("¿Qué necesita?", WITHIN).await.unwrap();
    caller.press("2").await.unwrap();
    let mut asked_again = caller.clone();
    let heard = tokio::select! {
        heard = caller.heard_text("Marque los dieciséis dígitos", WITHIN) => heard.is_ok(),
        // Nobody pressed anything, the line believes.
        again = asked_again.heard_text("¿Sigue ahí?", WITHIN) => { again.unwrap(); false }
    };
    caller.hang_up().await;
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_out_of_the_trunk_s_media_networks_joins_the_call_and_one_from_elsewhere_does_not() {
    let up = on_a_trunk().await;
    assert!(is_heard(up.dial_with("es", gateway(CARRIER, "127.0.30.2")).await).await);
    let strangers = up.telephone.media().figures().strangers;
    assert!(!is_heard(up.dial_with("es", gateway(CARRIER, "127.0.40.2")).await).await);
    assert!(up.telephone.media().figures().strangers > strangers, "dropped packets are counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_s_networks_are_its_own_and_hold_for_no_other_caller() {
    let up = on_a_trunk().await;
    assert!(!is_heard(up.dial_with("es", gateway("127.0.0.8", "127.0.30.2")).await).await);
    // A second signalling address of the carrier, inside its networks.
    assert!(is_heard(up.dial_with("es", gateway("127.0.30.7", "127.0.30.2")).await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_with_a_private_address_in_its_sdp_hears_and_is_heard() {
    let up = Up::with(People::default(), |_| {}).await;
    let private: IpAddr = "192.168.1.5".parse().unwrap();
    let behind_a_router = PhoneSettings { signalled_address: Some(private), via_address: Some(private), ..telephone() };
    assert!(is_heard(up.dial_with("es", behind_a_router).await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_that_knows_a_law_and_tones_only_is_understood_and_so_is_one_that_sends_info() {
    let up = Up::with(People::default(), |_| {}).await;
    let old =
        PhoneSettings { codecs: vec![Codec::Pcma], telephone_event: None, keys: KeyMethod::InBand, ..telephone() };
    assert!(is_heard(up.dial_with("es", old).await).await);
    let desk = PhoneSettings { telephone_event: None, keys: KeyMethod::Info, ..telephone() };
    assert!(is_heard(up.dial_with("es", desk).await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_via_of_a_telephone_behind_a_router_sends_its_voice_to_where_it_comes_from() {
    let up = Up::with(People::default(), |_| {}).await;
    // The router rewrote the address in the SDP and guessed the port: nobody listens there.
    let nobody = tokio::net::UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
    let guessed = Some(nobody.local_addr().unwrap().port());
    let translated = PhoneSettings { signalled_port: guessed, via_address: "10.1.2.3".parse().ok(), ..telephone() };
    assert!(is_heard(up.dial_with("es", translated).await).await);
    // Without a sign of a router the port that was asked for gets the voice (RFC 3264 5.1).
    let untranslated = PhoneSettings { signalled_port: guessed, ..telephone() };
    let caller = up.dial_with("es", untranslated).await;
    let mut packet = [0; 2_048];
    while nobody.try_recv(&mut packet).is_ok() {}
    let came = tokio::time::timeout(WITHIN, nobody.recv(&mut packet)).await.unwrap().unwrap();
    assert_eq!((came, packet[0] >> 6), (172, 2), "RTP of 20 ms");
    assert!(caller.heard_samples().is_empty(), "the voice went to two places");
    caller.hang_up().await;
}
