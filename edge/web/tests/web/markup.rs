//! Reads a page as a strict reader would: tags that do not close, or close out of order, fail the test. Then what every
//! page must hold to be usable without eyes, hands on a mouse, or scripts.

use std::collections::{BTreeMap, BTreeSet};

/// Elements without content (HTML standard section 13.1.2).
const VOID: &[&str] = &["meta", "link", "input", "br", "hr", "img"];

#[derive(Clone, Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub children: Vec<Element>,
    /// The text of it and all below it.
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    pub fn all(&self, name: &str) -> Vec<&Self> {
        let mut found = Vec::new();
        self.collect(&mut |element| element.name == name, &mut found);
        found
    }

    pub fn with(&self, attribute: &str) -> Vec<&Self> {
        let mut found = Vec::new();
        self.collect(&mut |element| element.attributes.contains_key(attribute), &mut found);
        found
    }

    fn collect<'e>(&'e self, fits: &mut impl FnMut(&Self) -> bool, found: &mut Vec<&'e Self>) {
        if fits(self) {
            found.push(self);
        }
        for child in &self.children {
            child.collect(fits, found);
        }
    }
}

/// Reads a whole page.
pub fn read(html: &str) -> Element {
    let mut rest = html.trim().strip_prefix("<!doctype html>").expect("a page starts with its doctype");
    let mut open = vec![Element::default()];
    while let Some(at) = rest.find('<') {
        add_text(&mut open, &rest[..at]);
        let end = rest[at..].find('>').expect("every tag ends") + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let closed = open.pop().unwrap();
            assert_eq!(closed.name, name, "</{name}> closes <{}>", closed.name);
            open.last_mut().unwrap().text.push_str(&closed.text);
            open.last_mut().unwrap().children.push(closed);
            continue;
        }
        let element = read_tag(tag);
        if VOID.contains(&element.name.as_str()) {
            open.last_mut().unwrap().children.push(element);
        } else {
            open.push(element);
        }
    }
    assert_eq!(open.len(), 1, "<{}> never closes", open.last().unwrap().name);
    open.remove(0)
}

fn add_text(open: &mut [Element], text: &str) {
    assert!(!text.contains('>'), "a bare > in {text:?}");
    open.last_mut().unwrap().text.push_str(&unescaped(text));
}

fn read_tag(tag: &str) -> Element {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "a tag <{tag}>");
    let mut attributes = BTreeMap::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let (key, after) = rest.split_once('=').unwrap_or_else(|| panic!("an attribute without a value in <{tag}>"));
        let value = after.strip_prefix('"').expect("values stand in quotes");
        let (value, after) = value.split_once('"').expect("quotes end");
        assert!(after.is_empty() || after.starts_with(' '), "a quote inside a value in <{tag}>");
        assert!(attributes.insert(key.to_owned(), unescaped(value)).is_none(), "{key} twice in <{tag}>");
        rest = after;
    }
    Element { name: name.to_owned(), attributes, ..Element::default() }
}

fn unescaped(text: &str) -> String {
    [
        ("&#39;", "'"),
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&amp;", "&"),
        ("&#38;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What every page holds.
pub fn check(page: &Element) {
    let html = page.all("html");
    assert!(!html[0].attribute("lang").is_empty() && !html[0].attribute("dir").is_empty(), "language and direction");
    assert_eq!(page.all("h1").len(), 1, "one h1");
    assert_eq!(page.all("main").len(), 1, "one main");
    assert!(!page.all("title")[0].text.trim().is_empty(), "a title");
    assert!(page.all("style").is_empty(), "no style inside");
    for script in page.all("script") {
        assert_eq!(
            (script.attribute("src"), script.text.as_str()),
            ("/chat/passkey.js", ""),
            "one script, none inside"
        );
    }
    assert!(page.with("style").is_empty(), "no style attributes");
    assert!(page.all("meta").iter().any(|meta| meta.attribute("name") == "viewport"), "readable on a phone");
    assert_eq!(page.all("a")[0].attribute("href"), "#main", "the first link skips to the main part");

    let ids: Vec<&str> = page.with("id").iter().map(|element| element.attribute("id")).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "ids are distinct: {ids:?}");
    for name in ["for", "aria-labelledby", "aria-describedby"] {
        for element in page.with(name) {
            for id in element.attribute(name).split(' ') {
                assert!(distinct.contains(id), "{name} names {id:?}, which is not there");
            }
        }
    }
    let labelled: BTreeSet<&str> = page.all("label").iter().map(|label| label.attribute("for")).collect();
    for name in ["input", "select", "textarea"] {
        for control in page.all(name) {
            let hidden = control.attribute("type") == "hidden";
            assert!(hidden || labelled.contains(control.attribute("id")), "<{name}> has no label: {control:?}");
            assert!(hidden || control.attribute("autocomplete") == "off", "browsers keep nothing: {control:?}");
        }
    }
    for name in ["button", "a", "summary", "label", "h1", "h2", "p", "li"] {
        for element in page.all(name) {
            assert!(!element.text.trim().is_empty(), "an empty <{name}>: {element:?}");
        }
    }
    let mut level = 0;
    for heading in page.with_any(&["h1", "h2", "h3"]) {
        let this = heading[1..].parse::<u8>().unwrap();
        assert!(this <= level + 1, "headings skip no level");
        level = this;
    }
    let leaves = page.all("a").iter().any(|link| link.attribute("href") == "/leave");
    assert!(leaves, "the way out is on every page");
    for (name, attribute) in [("a", "href"), ("form", "action"), ("link", "href")] {
        for element in page.all(name) {
            let to = element.attribute(attribute);
            let own = to.starts_with('/') && !to.starts_with("//") || to.starts_with('#') || to.starts_with("tel:");
            assert!(own, "nothing leads or loads elsewhere: {to}");
        }
    }
}

impl Element {
    /// The names of the elements that have one of these, in the order of the page.
    fn with_any(&self, names: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        self.collect(&mut |element| names.contains(&element.name.as_str()), &mut found);
        found.into_iter().map(|element| element.name.clone()).collect()
    }
}

#[test]
#[should_panic(expected = "closes <b>")]
fn tags_out_of_order_are_noticed() {
    read("<!doctype html><i><b></i></b>");
}

#[test]
#[should_panic(expected = "has no label")]
fn a_field_without_a_label_is_noticed() {
    let page = read(
        "<!doctype html><html lang=\"en\" dir=\"ltr\"><head><title>t</title><meta name=\"viewport\"></head><body>\
         <a href=\"#main\">skip</a><main id=\"main\"><h1>h</h1><input id=\"x\"></main></body></html>",
    );
    check(&page);
}
