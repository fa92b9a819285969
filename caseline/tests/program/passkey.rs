//! A caller's own device in a real browser: a passkey is made once the case is open by the card, and opens it the next
//! time; without scripts the chat shows nothing of it.

use crate::Demonstration;
use crate::Folder;
use crate::page::Browser;
use crate::webdriver::{Driver, RealBrowser};

/// The first made-up person of the demonstration.
const NUMBER: &str = "A000-000-137";

/// The pages under the name to which passkeys are bound.
pub fn address(line: &Demonstration) -> String {
    line.page.replace("127.0.0.1", "localhost").trim_end_matches('/').to_owned()
}

fn to_my_case(browser: &RealBrowser<'_>, address: &str) {
    browser.open(&format!("{address}/en"));
    browser.wait_for("Or write to us here");
    browser.press("button[name='begin'][value='en']");
    browser.wait_for("What do you need");
    browser.press("button[value='my-case']");
    browser.wait_for("A file receipt has 16 digits");
}

#[test]
fn a_device_opens_the_case_without_a_card_the_next_time_and_forget_me_ends_it() {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: chromium and chromedriver are not installed (deploy/packages.txt); no passkey was tried");
        return;
    };
    let folder = Folder::new("passkey");
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    let address = address(&line);
    let browser = driver.browser();
    let key = browser.plug_in_key(true);

    to_my_case(&browser, &address);
    browser.wait_for("Open with the key of this device");
    browser.picture("passkey-asked");
    browser.type_in("#value", NUMBER);
    browser.press("form[action='/chat/answer'] button.first");
    browser.wait_for("10 digits: 2 of the row");
    assert!(!browser.html().contains("<script"), "no script where none is needed");
    browser.type_in("#value", "03 20460103");
    browser.press("form[action='/chat/answer'] button.first");
    browser.wait_for("Open your case on this device without a card next time");
    browser.picture("passkey-offered");
    browser.press("a[href='/chat/keep']");
    browser.wait_for("Everybody who can unlock this device can then open your case too.");
    browser.wait_for("Make a key on this device");
    browser.picture("passkey-make");
    browser.press("form[data-passkey] button");
    browser.wait_for("One more code from your card");
    browser.picture("passkey-code");
    browser.type_in("#code", "04 20460104");
    browser.press("main form button");
    browser.wait_for("Saved.");
    browser.picture("passkey-kept");

    // What the device lists: the host of the page, and nothing of what it is for.
    let kept = browser.passkeys(&key);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0]["rpId"], "localhost");
    for name in ["userName", "userDisplayName"] {
        assert!(kept[0][name].as_str().is_none_or(|said| said.is_empty() || said == "localhost"), "{kept:?}");
    }

    to_my_case(&browser, &address);
    browser.press("form[data-passkey] button");
    browser.wait_for("Open your case on this device without a card next time");
    assert!(browser.html().contains("data-tells=\"hearing\""), "as after a right code: {}", browser.html());

    // A device that does not recognise its holder shows nothing, and nothing is tried.
    browser.set_verified(&key, false);
    to_my_case(&browser, &address);
    browser.press("form[data-passkey] button");
    browser.wait_for("The device gave no key. Try again.");
    browser.picture("passkey-caller-trouble");
    browser.set_verified(&key, true);

    browser.press("form[data-passkey] button");
    browser.wait_for("Open your case on this device without a card next time");
    browser.press("button[value='more-choices']");
    browser.wait_for("More about your case");
    browser.press("button[value='forget-me']");
    browser.wait_for("Shall we?");
    browser.press("button[value='yes']");
    browser.wait_for("Destroyed: 1 key of a device.");
    to_my_case(&browser, &address);
    browser.press("form[data-passkey] button");
    browser.wait_for("We could not open a case");
    assert!(browser.html().contains("data-tells=\"not-opened\""), "{}", browser.html());

    // Without scripts: the offer is hidden, the way by number and code is as it was.
    let mut plain = Browser::at(&line.page);
    plain.open("/en").press("begin", "en").press("choice", "my-case");
    assert!(plain.html.contains("data-passkey=\"get\"") && plain.html.contains("hidden=\"hidden\""), "{}", plain.html);
    plain.fill("value", "A000-000-137");
    assert!(plain.html.contains("data-asks=\"code\""), "{}", plain.html);
}
