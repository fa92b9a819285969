//! The desk as its people meet it: invited at the machine, joined by a passkey in a real browser, a card handed over by
//! two of them, and a caller who reaches the case by a printed code.

use crate::page::Browser;
use crate::webdriver::{Driver, RealBrowser};
use crate::{Demonstration, Folder, OPERATOR, run, text};
use std::path::Path;

/// The first made-up person of the demonstration: enrolled, with a hearing and a card.
const NUMBER: &str = "A000-000-137";

pub fn settings(folder: &Path, page: &str) {
    let port = page.trim_end_matches('/').rsplit(':').next().unwrap();
    let web = format!("{OPERATOR}\n[web]\nbind = \"127.0.0.1:{port}\"\n");
    std::fs::write(folder.join("caseline.toml"), web).unwrap();
}

pub fn invite(folder: &Path, role: &str, handle: &str) -> String {
    invite_with(folder, role, handle, &[])
}

/// The same, with more options.
pub fn invite_with(folder: &Path, role: &str, handle: &str, more: &[&str]) -> String {
    let asked = [&["--json", "staff", "invite", "--role", role, "--handle", handle], more].concat();
    let output = run(folder, &asked);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["valid_minutes"], 15);
    told["link"].as_str().unwrap().to_owned()
}

pub fn join_and_sign_in(browser: &RealBrowser<'_>, link: &str, handle: &str) {
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
    two.type_in("#number", "000000138");
    two.press("main form button");
    two.wait_for("What you typed does not fit together.");
    two.picture("confirm-wrong");
    two.back();
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
    assert_eq!(one.sheets_printed(), [1, 1], "the card is one sheet of paper");
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
    browser.picture("next-none");

    caller.open("/en").press("begin", "en").press("choice", "more-choices").press("choice", "callback");
    caller.fill("value", "2025550143").press("choice", "yes");
    browser.press("form[action='/staff/next/callback'] button");
    browser.wait_for("+1 202 555 0143");
    browser.picture("next-callback");
    browser.press("button[value='later']");
    browser.wait_for("You get the one that waits longest");
    browser.press("header .name a");
    browser.wait_for("Your desk");
    browser.press("a[href='/staff/logins']");
    browser.wait_for_one("[data-login]");
    browser.picture("logins");
}

#[test]
fn slow_each_role_has_its_own_first_page_and_hears_in_plain_words_what_it_does_not_do() {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: chromium and chromedriver are not installed (deploy/packages.txt); no passkey was tried");
        return;
    };
    let folder = Folder::new("desk-roles");
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    settings(&folder.0, &line.page);
    for (role, refused) in [("supervisor", true), ("administrator", true), ("attorney", false)] {
        let browser = driver.browser();
        browser.plug_in_key(true);
        join_and_sign_in(&browser, &invite(&folder.0, role, &format!("desk-{role}")), &format!("desk-{role}"));
        browser.picture(&format!("home-{role}"));
        browser.open(&browser.address().replace("/staff", "/staff/next"));
        if refused {
            browser.wait_for("Your role does not do this");
            browser.picture(&format!("refused-{role}"));
            continue;
        }
        let mut caller = Browser::at(&line.page);
        caller.open("/en").press("begin", "en").press("choice", "my-case");
        caller.fill("value", NUMBER).fill("value", "07+20460107").press("choice", "report-wrong-record");
        caller.press("choice", "wrong-date");
        browser.press("form[action='/staff/next/report'] button");
        browser.wait_for("What the person hears of their report");
        browser.picture("next-report");
        browser.press("form[action='/staff/next/outcome'] button");
        browser.wait_for("The person now hears that somebody works on their report.");
        browser.picture("next-report-moved");
    }
}

/// The numbers of a family, as a form sends them.
const FAMILY: &str = "A000000137%0AA000000222";

/// What one person begins by a form and the other one confirms, both without scripts; the first browser makes it.
fn agreed(
    one: &RealBrowser<'_>,
    two: &RealBrowser<'_>,
    page: &str,
    what: &str,
    typed: &[(&str, &str)],
    language: &str,
) {
    let [mut first, mut second] = [one, two].map(|browser| {
        let mut plain = Browser::at(page);
        plain.keep("staff", &browser.cookie("staff"));
        plain
    });
    let at = if what == "representative" { "/staff/cards/representatives" } else { "/staff/cards" };
    let begun = [typed, &[("language", language)]].concat();
    first.open(at).submit(&format!("value=\"{what}\""), &begun);
    let code = first.html.split("data-pairing=\"").nth(1).unwrap().split('"').next().unwrap().replace(' ', "");
    let read = [typed, &[("what", what), ("code", &code)]].concat();
    second.open("/staff/cards/confirm").submit("id=\"code\"", &read);
    assert!(second.html.contains("Confirmed."), "{}", second.html);
    let address = one.address();
    let host = address.split("/staff").next().unwrap();
    one.open(&format!("{host}/staff/cards"));
    one.press("form[action='/staff/cards/make'] button");
    one.wait_for("These codes are shown once");
}

/// Words that would tell whoever finds a sheet what it is for or who made it, in the languages of the sheets.
const NOT_ON_PAPER: [&str; 18] = [
    "made up",
    "legal",
    "lake street",
    "immigra",
    "inmigra",
    "imigra",
    "court",
    "corte",
    "tribinal",
    "case",
    "caso",
    "dosye",
    "hearing",
    "audiencia",
    "odyans",
    "lawyer",
    "abogad",
    "avoka",
];

/// The paper: its words, and the size of its digits and of its words in points.
const PAPER: &str = "const points = (css) => Math.min(...[...document.querySelectorAll(css)] \
     .map((e) => parseFloat(getComputedStyle(e).fontSize) * 0.75)); \
     return [document.body.innerText, points('.paper td'), points('.paper p'), document.title, \
         document.querySelectorAll('.paper th, .paper td').length, \
         [...document.querySelectorAll('.paper th, .paper td')].filter((e) => e.offsetHeight > 40).length]";

#[test]
fn slow_every_card_is_one_neutral_sheet_in_large_type_in_every_language() {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: chromium and chromedriver are not installed (deploy/packages.txt); no sheet was printed");
        return;
    };
    let folder = Folder::new("sheets");
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    settings(&folder.0, &line.page);
    let (one, two) = (driver.browser(), driver.browser());
    one.plug_in_key(true);
    two.plug_in_key(true);
    join_and_sign_in(&one, &invite(&folder.0, "attorney", "desk-1"), "desk-1");
    join_and_sign_in(&two, &invite(&folder.0, "navigator", "desk-2"), "desk-2");
    for (language, heading) in [("en", "Your card"), ("es", "Su tarjeta"), ("ht", "Kat ou")] {
        for (what, typed) in [
            ("own", ("number", "A000000137")),
            ("family", ("number", FAMILY)),
            ("representative", ("handle", "lawyer-1")),
        ] {
            agreed(&one, &two, &line.page, what, &[typed], language);
            let name = format!("sheet-{what}-{language}");
            if what != "own" {
                one.picture(&name);
            }
            assert_eq!(one.sheets_printed(), [1, 1], "{name} on US Letter and on A4");
            let paper = one.run_on_paper(&name, PAPER);
            let words = paper[0].as_str().unwrap().to_lowercase();
            assert!(words.contains(&heading.to_lowercase()), "{name}: {words}");
            for word in NOT_ON_PAPER {
                assert!(!words.contains(word), "{name} says `{word}`: {words}");
            }
            let points = |at: usize| paper[at].as_f64().unwrap();
            assert!(points(1) >= 20.0 && points(2) >= 14.0, "{name}: large type, {paper}");
            assert_eq!(paper[3], "Card", "what a printer's queue shows");
            assert_eq!((paper[4].as_u64(), paper[5].as_u64()), (Some(26), Some(0)), "{name}: no cell breaks: {paper}");
        }
    }
    one.open(&format!("{}/staff/cards/representatives", one.address().split("/staff").next().unwrap()));
    one.wait_for("lawyer-1");
    one.press("summary");
    one.picture("representatives");
    one.press("header .name a");
    one.wait_for("Your desk");
    one.picture("home-attorney");
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
