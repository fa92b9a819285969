//! Signing in by an identity provider in a real browser: over TLS, from the provider's own site and back, with cookies that
//! the browser sends to nobody who comes from elsewhere.
//! Each check of a token is left to `openid`, without a browser.

use crate::certificate::for_localhost;
use crate::line::{MadeUp, made_up, settings};
use crate::provider::{Key, Provider};
use crate::webdriver::{Driver, RealBrowser};
use axum::Router;
use caseline_helpline::Clock;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::staff::{AccountId, NewInvite, Secret, StaffStore};
use caseline_web::staff::{StaffDesk, staff_router};
use caseline_web::{Server, Transport, WebSettings};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A name that no other machine has; the browser finds it here. The provider is at `localhost`, which is another site.
const HOST: &str = "desk.example.org";

/// The desk over TLS, with a provider whose person signs in with one press.
struct Served {
    made_up: MadeUp,
    provider: Provider,
    address: String,
    stop: oneshot::Sender<()>,
}

impl Served {
    async fn open() -> Self {
        let (made_up, key) = (made_up(), Key::new("one"));
        let provider = Provider::start(&key).await;
        let (issuer, clock) = (provider.issuer.clone(), Arc::clone(&made_up.clock));
        let signs_in = move |asked: &BTreeMap<String, String>| {
            let now = clock.now().micros() / 1_000_000;
            key.token(&json!({
                "iss": issuer, "sub": "person-1", "aud": "desk", "exp": now + 300, "iat": now,
                "nonce": asked["nonce"], "acr": "phr", "auth_time": now,
            }))
        };
        provider.shown.lock().unwrap().signs_in = Some(Box::new(signs_in));
        let certificate = for_localhost();
        let folder = std::env::temp_dir().join(format!("caseline-web-openid-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&cert, &certificate.certificate_pem).unwrap();
        std::fs::write(&key, &certificate.key_pem).unwrap();
        // The address stands in what the provider is asked, so the port has to be known before it is bound.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let address = format!("https://{HOST}:{}", free.port());
        let settings = WebSettings {
            bind: free,
            transport: Transport::Tls { cert, key },
            public_address: Some(address.clone()),
            ..settings()
        };
        let desk = pages_of_the_desk(&made_up, &settings, &provider);
        let server = Server::open(made_up.state(settings)).await.unwrap().with_staff(desk);
        std::fs::remove_dir_all(&folder).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { made_up, provider, address, stop }
    }

    async fn invite(&self) -> String {
        let secret = Secret::from_random(901);
        let invite = NewInvite {
            account: AccountId::from_random(1),
            handle: "desk-1".parse().unwrap(),
            role: StaffRole::Navigator,
            ends_at: None,
            secret: secret.clone(),
        };
        self.made_up.store.invite_staff(self.made_up.clock.now(), &invite).await.unwrap();
        format!("{}/staff/join/{}", self.address, secret.in_link())
    }
}

fn pages_of_the_desk(made_up: &MadeUp, settings: &WebSettings, provider: &Provider) -> Router {
    let staff = Arc::clone(&made_up.store) as Arc<dyn StaffStore>;
    let clock = Arc::clone(&made_up.clock) as Arc<dyn Clock>;
    let openid = Some(provider.settings());
    staff_router(StaffDesk::with_openid(Arc::clone(&made_up.line), staff, clock, settings, openid).unwrap())
}

/// Goes to the provider by a link and signs in there.
fn by_the_provider(browser: &RealBrowser<'_>, link: &str) {
    browser.press(link);
    browser.wait_for("Made-up provider");
    assert!(browser.address().starts_with("https://localhost:"), "{}", browser.address());
    browser.press("button");
}

/// What the browser told of the network while somebody joined and signed in.
fn joins_and_signs_in(driver: &Driver, invitation: &str, address: &str) -> Vec<(String, Value)> {
    let browser = driver.browser_of_made_up_hosts(&format!("MAP {HOST} 127.0.0.1"));
    browser.open(invitation);
    browser.wait_for("Join the desk");
    by_the_provider(&browser, "a[href^='/staff/openid/join/']");
    browser.wait_for("You have joined. Sign in now.");
    assert!(browser.address().starts_with(address), "{}", browser.address());
    by_the_provider(&browser, "a[href='/staff/openid']");
    browser.wait_for("You are desk-1, navigator.");
    assert_eq!(browser.address(), format!("{address}/staff"), "no code stands in the address any more");
    browser.press("a[href='/staff/logins']");
    browser.wait_for("your identity provider");
    // Whoever goes back meets no page on which a code could be used again.
    browser.open(&format!("{address}/staff/openid/finish?state=0&code=from-the-page"));
    browser.wait_for("You are not signed in.");
    browser.open(&format!("{address}/staff"));
    browser.wait_for("You are desk-1, navigator.");
    browser.press("header button");
    browser.wait_for("There is no password");
    browser.network()
}

#[tokio::test]
async fn a_person_joins_and_signs_in_by_a_provider_in_a_real_browser_and_lands_at_the_desk() {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: chromium and chromedriver are not installed (deploy/packages.txt); no provider was tried");
        return;
    };
    let served = Served::open().await;
    let (invitation, address) = (served.invite().await, served.address.clone());
    let desk = address.clone();
    let browsing = tokio::task::spawn_blocking(move || joins_and_signs_in(&driver, &invitation, &desk));
    let network = browsing.await.unwrap();
    served.stop.send(()).unwrap();

    // Coming back from the provider the browser held our cookie, and did not send it: it came from another site.
    let held_back = network.iter().filter(|(method, _)| method == "Network.requestWillBeSentExtraInfo");
    let held_back: Vec<&Value> = held_back
        .flat_map(|(_, event)| event["associatedCookies"].as_array().unwrap())
        .filter(|cookie| {
            let why = cookie["blockedReasons"].as_array().unwrap();
            why.iter().any(|why| why.as_str().unwrap().ends_with("SameSiteStrict"))
        })
        .collect();
    assert!(held_back.len() >= 2, "each time: {held_back:?}");
    assert!(held_back.iter().all(|cookie| cookie["cookie"]["name"] == "__Host-staff"), "{held_back:?}");

    // From the browser's own side: how keys were agreed on with the desk.
    let answers = network.iter().filter(|(method, _)| method == "Network.responseReceived");
    let of_the_desk: Vec<&Value> = answers
        .map(|(_, event)| &event["response"])
        .filter(|response| response["url"].as_str().unwrap().starts_with(&address))
        .collect();
    assert!(of_the_desk.len() >= 6, "{of_the_desk:?}");
    for response in of_the_desk {
        let (url, security) = (&response["url"], &response["securityDetails"]);
        assert_eq!(security["protocol"], "TLS 1.3", "{url}");
        assert_eq!(security["keyExchangeGroup"], "X25519MLKEM768", "{url}: {security}");
    }
    // The tokens came from the provider to the program, and never by way of the browser.
    let told = format!("{network:?}");
    assert!(!told.contains("id_token") && !told.contains(crate::provider::ACCESS_TOKEN));
    assert!(served.provider.shown.lock().unwrap().asked.iter().any(|(path, _)| path == "/token"));
}
