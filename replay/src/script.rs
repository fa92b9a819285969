//! A golden conversation: one contact, or a few, written like a page of a play, meaning only.
//! Reading and printing pages is `parse` and `print`; playing them is left to the stages.

pub mod parse;
pub mod print;

/// One page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The title, from the person's side.
    pub title: String,
    /// What the page is about, a text for each row.
    pub about: Vec<String>,
    /// What holds before the contact.
    pub given: Vec<Entry>,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// What holds afterwards.
    pub then: Vec<Entry>,
}

/// A `given` or a `then`: one hyphenated key and its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands in the file, from 1.
    pub row: usize,
    /// The key.
    pub key: String,
    /// The value; further texts are continuation rows.
    pub values: Vec<String>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where it stands in the file, from 1.
    pub row: usize,
    /// Who does what.
    pub doing: Doing,
    /// When it is played; none: always.
    pub condition: Option<Condition>,
}

/// Who does what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doing {
    /// The caller.
    Caller(CallerDoes),
    /// The line.
    Line(LineDoes),
    /// A person of the line, by name.
    Agent(String, AgentDoes),
    /// A stage direction: time passes, a disk fills.
    Direction(String),
}

/// What a caller does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerDoes {
    /// A contact begins: `arrives`, `arrives from +1 202 555 0143`.
    Arrives(Option<String>),
    /// An option, or a key that always works: `agent`, `help`, `repeat`.
    Chooses(String),
    /// A value: its text, or `its receipt`, `its code row 3`, `the code it heard`, `something unclear`.
    Gives(String),
    /// Words: a message, a question, a voice on the line.
    Says(String),
    /// Nothing comes in the time that the line waits; so many times.
    IsSilent(u8),
    /// An option while the line is still speaking.
    Interrupts(String),
    /// The caller hangs up or closes the page.
    Leaves,
    /// The caller takes a call of the line's.
    Answers,
}

/// What the line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineDoes {
    /// This is the open question.
    Asks(String),
    /// It tells a subject with details.
    Tells(String, Vec<String>),
    /// It reads a value back and asks whether it is right.
    Confirms(String),
    /// These are the options of the open question, all of them and in this order.
    Offers(Vec<String>),
    /// It says that something went wrong.
    Apologises,
    /// It connects the caller to this person.
    Connects(String),
    /// It calls this number.
    Calls(String),
    /// The contact is over.
    Ends,
}

/// What a person of the line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentDoes {
    /// They are on the contact.
    Joins,
    /// They were told this: `need: …` or `language: …`.
    Sees(String),
    /// They hang up: the contact is over.
    Closes,
}

/// When a step is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Only on these stages or channels.
    OnlyOn(Vec<String>),
    /// Not then.
    Unless(String),
}

impl Script {
    /// The first `given` of a key.
    pub fn given(&self, key: &str) -> Option<&Entry> {
        self.given.iter().find(|entry| entry.key == key)
    }

    /// The same page without the places of its rows, to compare pages.
    #[must_use]
    pub fn without_rows(mut self) -> Self {
        self.given.iter_mut().chain(&mut self.then).for_each(|entry| entry.row = 0);
        self.steps.iter_mut().for_each(|step| step.row = 0);
        self
    }
}

impl Entry {
    /// All its rows as one text.
    pub fn text(&self) -> String {
        self.values.join(" ")
    }
}
