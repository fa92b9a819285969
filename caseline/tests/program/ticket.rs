//! The case that a ticket opens, as somebody at the desk sees it in a real browser: who says what since when, for how long
//! it is on the page, and that going back does not bring it back.

use crate::desk::{invite_with, join_and_sign_in, settings};
use crate::page::Browser;
use crate::passkey::address;
use crate::webdriver::{Driver, RealBrowser};
use crate::{Demonstration, Folder};

/// The words of the hearing and of its source, as callers have them.
const HEARING: &str = "Your next hearing:";
const SOURCE: &str = "From the court's data of today";

/// Keeps what a page puts off for minutes, to be done when the test says so: nobody waits for a quarter of an hour.
const KEPT: &str = "window.kept = []; const later = window.setTimeout; \
     window.setTimeout = (what, ms) => ms > 300000 ? kept.push([ms, what]) : later(what, ms);";

/// How long each of it was put off, the first first.
const PUT_OFF: &str = "kept.sort((one, two) => one[0] - two[0]); return kept.map(([ms]) => ms)";

/// A caller who opened their case by the card.
fn caller(line: &Demonstration, row: usize) -> Browser {
    let mut caller = Browser::at(&line.page);
    caller.open("/en").press("begin", "en").press("choice", "my-case");
    caller.fill("value", "A000-000-137").fill("value", &format!("{row:02}+204601{row:02}"));
    assert!(caller.html.contains("data-tells=\"hearing\""), "{}", caller.html);
    caller
}

fn leaves_a_ticket(caller: &mut Browser, desk: &str) {
    caller.press("choice", "more-choices").press("choice", "ticket").press("choice", "let-look");
    caller.fill("value", desk).press("choice", "yes");
    assert!(caller.html.contains("Saved."), "{}", caller.html);
}

/// Takes the ticket, shows the passkey again and opens the case.
fn takes_and_opens(desk: &RealBrowser<'_>, address: &str) {
    desk.open(&format!("{address}/staff/next"));
    desk.press("form[action='/staff/next/ticket'] button");
    desk.wait_for("A person lets you open their case, once.");
    desk.picture("ticket");
    assert!(!desk.html().contains("hearing"), "a ticket has no content");
    desk.open(&format!("{address}/staff/prove?to=next"));
    desk.picture("prove");
    desk.press("form[data-passkey] button");
    desk.wait_for("A person lets you open their case, once.");
    desk.press("form[action='/staff/case/open'] button");
    desk.wait_for("Done: close the case");
}

/// Nothing of the case is on the page, in what is shown or in what is not.
fn is_gone(desk: &RealBrowser<'_>) {
    let html = desk.html();
    assert!(!html.contains(HEARING) && !html.contains(SOURCE) && !html.contains("Chicago"), "{html}");
}

#[test]
fn slow_a_case_from_a_ticket_is_on_one_page_with_its_sources_and_gone_from_it_at_its_end() {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: chromium and chromedriver are not installed (deploy/packages.txt); no case was looked at");
        return;
    };
    let folder = Folder::new("ticket");
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    settings(&folder.0, &line.page);
    let (desk, address) = (driver.browser(), address(&line));
    desk.plug_in_key(true);
    let link = invite_with(&folder.0, "navigator", "desk-1", &["--until", "2099-12-30"]);
    join_and_sign_in(&desk, &link, "desk-1");
    let home = desk.texts("main").concat();
    assert!(home.contains("The last day of your account is 2099-12-30."), "{home}");
    let number = desk.texts("[data-desk]").concat();
    let mut caller = caller(&line, 5);
    leaves_a_ticket(&mut caller, &number);
    takes_and_opens(&desk, &address);
    let shown = desk.texts("main").concat();
    for words in ["Next hearing", HEARING, SOURCE, "No other source has told us.", "They can hear on which day"] {
        assert!(shown.contains(words), "`{words}` is not in {shown}");
    }
    desk.picture("case");
    desk.open(&format!("{address}/staff/next"));
    desk.wait_for("You have a case open.");
    desk.picture("next-case-open");

    // A browser that brings a page back from its memory, as it was.
    desk.open(&format!("{address}/staff/case"));
    desk.wait_for(HEARING);
    desk.run("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    desk.wait_for("The case is closed.");
    is_gone(&desk);
    desk.picture("case-closed-by-page");

    // Its time is over by the clock of the page alone: the desk still has it open.
    let known = desk.before_every_page(KEPT);
    desk.open(&format!("{address}/staff/case"));
    desk.wait_for(HEARING);
    let put_off: Vec<u64> = serde_json::from_value(desk.run(PUT_OFF)).unwrap();
    assert!(put_off.len() == 2 && put_off[1] <= 15 * 60_000 && put_off[1] - put_off[0] == 60_000, "{put_off:?}");
    desk.run("kept[0][1]()");
    desk.wait_for("It closes in less than a minute.");
    desk.wait_for(HEARING);
    desk.picture("case-nearly-over");
    desk.run("kept[1][1]()");
    desk.wait_for("The case is closed.");
    is_gone(&desk);
    desk.no_longer_before(&known);
    desk.open(&format!("{address}/staff/case"));
    desk.wait_for(HEARING);

    // The person takes it back while somebody looks at it.
    caller.press("choice", "more-choices").press("choice", "ticket").press("choice", "take-back");
    desk.wait_for("The case is closed.");
    is_gone(&desk);
    desk.open(&format!("{address}/staff/case"));
    desk.wait_for("No case is open");
    desk.picture("no-case");

    // Without scripts: closed by a button, and the way back leads to nothing.
    leaves_a_ticket(&mut caller, &number);
    takes_and_opens(&desk, &address);
    desk.set_scripts(false);
    desk.open(&format!("{address}/staff/case"));
    assert!(desk.html().contains(HEARING), "{}", desk.html());
    desk.press("form[action='/staff/case/done'] button");
    desk.wait_for("You get the one that waits longest");
    desk.back();
    desk.wait_for("No case is open");
    is_gone(&desk);
}
