//! The desk as its people meet it: invited at the machine, joined by a passkey in a real browser, a card handed over by
//! two of them, and a caller who reaches the case by a printed code.

use crate::page::Browser;
use crate::webdriver::{Driver, RealBrowser};
use crate::{Demonstration, Folder, OPERATOR, run, text};
use std::path::Path;

/// The first made-up person of the demonstration: enrolled, with a hearing and a card.
const NUMBER: &str = "A000-000-137";

fn settings(folder: &Path, page: &str) {
    let port = page.trim_end_matches('/').rsplit(':').next().unwrap();
    let web = format!("{OPERATOR}\n[web]\nbind = \"127.0.0.1:{port}\"\n");
    std::fs::write(folder.join("caseline.toml"), web).unwrap();
}

fn invite(folder: &Path, role: &str, handle: &str) -> String {
    let output = run(folder, &["--json", "staff", "invite", "--role", role, "--handle", handle]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["valid_minutes"], 15);
    told["link"].as_str().unwrap().to_owned()
}

fn join_and_sign_in(browser: &RealBrowser<'_>, link: &str, handle: &str) {
    browser.open(link);
    browser.wait_for("Join the desk");
    browser.picture("join");
    browser.press("form[data-passkey] button");
    browser.wait_for("Your passkey is ready");
    browser.picture("sign-in");
    sign_in(browser, handle);
    browser.wait_for("Your desk");
}

fn sign_in(browser: &RealBrowser<'_>, handle: &str) {
    browser.type_in("#handle", handle);
    browser.press("main form button");
    browser.wait_for("Show your passkey");
    browser.press("form[data-passkey] button");
}

#[test]
fn a_card_that_two_people_hand_over_opens_the_case_and_the_lost_one_is_dead() {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: chromium and chromedriver are not installed (deploy/packages.txt); no passkey was tried");
        return;
    };
    let folder = Folder::new("desk");
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    settings(&folder.0, &line.page);
    let (one, two) = (driver.browser(), driver.browser());
    let key = one.plug_in_key(true);
    two.plug_in_key(true);

    let link = invite(&folder.0, "navigator", "desk-1");
    join_and_sign_in(&one, &link, "desk-1");
    one.picture("home");
    assert!(one.texts("main").concat().contains("You are desk-1, navigator."), "{}", one.html());
    // The link was used.
    two.open(&link);
    two.wait_for("This invitation does not work");
    two.picture("notice");
    join_and_sign_in(&two, &invite(&folder.0, "attorney", "desk-2"), "desk-2");

    one.press("a[href='/staff/cards']");
    one.wait_for("Hand a card over");
    one.picture("cards");
    one.type_in("#number", NUMBER);
    one.press("main form button.first");
    one.wait_for("The code works until");
    one.picture("cards-code");
    let code = one.texts(".pairing").concat();
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 8);

    two.press("a[href='/staff/cards/confirm']");
    two.wait_for("Confirm a colleague");
    two.picture("confirm");
    two.type_in("#code", &code);
    two.type_in("#number", "000000137");
    two.press("main form button");
    two.wait_for("Your colleague can make the card now");

    one.press("a[href='/staff/cards'].first");
    one.wait_for("Your colleague has confirmed it");
    one.picture("cards-confirmed");
    one.press("form[action='/staff/cards/make'] button");
    one.wait_for("These codes are shown once");
    one.picture("sheet");
    let codes: Vec<String> = one.texts("td[data-row]");
    assert_eq!(codes.len(), 12, "{codes:?}");
    assert_eq!(one.sheets_printed(), 1, "the card is one sheet of paper");
    one.open(&one.address().replace("/make", ""));
    one.wait_for("Number on the paper");
    assert!(!one.html().contains(&codes[0]), "shown once");

    // Whoever found the old card, or guesses, is answered with nothing; the person is answered with their hearing.
    let row_2: String = codes[1].chars().filter(char::is_ascii_digit).collect();
    let old = try_code(&line.page, "02 20460102");
    assert!(!old.contains("data-tells=\"hearing\""), "the lost card is dead: {old}");
    let new = try_code(&line.page, &format!("02 {row_2}"));
    assert!(new.contains("data-tells=\"hearing\""), "a printed code opens the case: {new}");

    // A key that only was touched signs nobody in.
    one.press("header button");
    one.wait_for("There is no password");
    one.set_verified(&key, false);
    sign_in(&one, "desk-1");
    one.wait_for("The device did not give a passkey");
    one.picture("passkey-trouble");

    let ended = run(&folder.0, &["staff", "end", "--handle", "desk-2"]);
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    two.press("main a.first");
    two.wait_for("There is no password");
    let listed = text(&run(&folder.0, &["staff", "list"]).stdout);
    assert!(listed.contains("desk-1 (navigator): has joined") && !listed.contains("desk-2"), "{listed}");
}

#[test]
fn a_person_of_the_desk_takes_the_message_that_a_caller_left() {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: chromium and chromedriver are not installed (deploy/packages.txt); no passkey was tried");
        return;
    };
    let folder = Folder::new("desk-task");
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    settings(&folder.0, &line.page);
    let mut caller = Browser::at(&line.page);
    caller.open("/en").press("begin", "en").press("choice", "more-choices").press("choice", "message");
    fill_words(&mut caller, "Please+tell+me+the+opening+hours.");
    assert!(caller.html.contains("message-left"), "{}", caller.html);

    let browser = driver.browser();
    browser.plug_in_key(true);
    join_and_sign_in(&browser, &invite(&folder.0, "navigator", "desk-1"), "desk-1");
    browser.press("a[href='/staff/next']");
    browser.wait_for("You get the one that waits longest");
    browser.picture("next");
    browser.press("form[action='/staff/next/message'] button");
    browser.wait_for("Please tell me the opening hours.");
    browser.picture("next-message");
    browser.press("button[value='done']");
    browser.wait_for("You get the one that waits longest");
    browser.press("form[action='/staff/next/message'] button");
    browser.wait_for("There is none of that kind now");
}

fn fill_words(caller: &mut Browser, words: &str) {
    caller.fill_in("<textarea", "value", words);
}

/// Opens a chat with the made-up number and a code, and the page that comes then.
fn try_code(page: &str, code: &str) -> String {
    let mut caller = Browser::at(page);
    caller.open("/en").press("begin", "en").press("choice", "my-case");
    caller.fill("value", &NUMBER.replace(' ', "+"));
    caller.fill("value", &code.replace(' ', "+"));
    caller.html.clone()
}
