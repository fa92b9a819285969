//! The courts, languages and times that the made-up people meet: codes as in the court's own tables.
//! Their meaning is the reader's to know, so it is not repeated here.

/// A court and where its hearings take place.
pub(super) struct Town {
    /// BASE_CITY_CODE
    pub court: &'static str,
    /// HEARING_LOC_CODE of people who are free.
    pub place: &'static str,
    /// HEARING_LOC_CODE of people who are held.
    pub detained_place: &'static str,
}

const fn town(court: &'static str, place: &'static str, detained_place: &'static str) -> Town {
    Town { court, place, detained_place }
}

pub(super) const TOWNS: &[(i32, &Town)] = &[
    (14, &town("MIA", "MIA", "TGK")),
    (12, &town("NYC", "NYC", "MHD")),
    (9, &town("LOS", "LOS", "LAD")),
    (8, &town("SFR", "SFR", "SFD")),
    (8, &town("HOU", "HOU", "HFD")),
    (8, &town("CHI", "CHI", "CHD")),
    (6, &town("ORL", "ORL", "OCD")),
    (6, &town("DAL", "DAL", "DAD")),
    (5, &town("NEW", "NEW", "NWD")),
    (5, &town("BOS", "BOS", "BDT")),
    (4, &town("WAS", "WAS", "WAD")),
    (4, &town("ATL", "ATL", "ATD")),
    (3, &town("SNA", "SNA", "SAD")),
    (3, &town("ELP", "ELP", "WTD")),
    (2, &town("PHO", "PHO", "FLP")),
    (2, &town("SEA", "SEA", "SEC")),
    (1, &town("HON", "HON", "HND")),
];

/// LANG, by share of people.
pub(super) const LANGUAGES: &[(i32, &str)] = &[
    (758, "SP"),
    (79, "ENG"),
    (26, "CRE"),
    (19, "MAN"),
    (18, "POR"),
    (12, "RUS"),
    (9, "PUN"),
    (6, "AR"),
    (5, "FR"),
    (4, "MAM"),
    (4, "QUI"),
    (3, "KON"),
    (2, "KEK"),
    (2, "CAC"),
    (1, "TIG"),
];

/// What a clerk enters instead: the neighbour in the list, or the dialect next door.
pub(super) const WRONG_LANGUAGES: &[&str] = &["SP", "ENG", "KNJ", "MAM", "POR", "FR"];

/// Hours at which hearings begin.
pub(super) const HOURS: &[(i32, &str)] =
    &[(35, "0830"), (25, "0900"), (5, "0930"), (10, "1000"), (18, "1300"), (7, "1430")];

/// Cities of the address columns, in windows-1252; a reader drops them. Some hold bytes that are no UTF-8, a quote, a
/// comma.
pub(super) const CITIES: &[&[u8]] = &[
    b"MIAMI",
    b"LAKE WORTH",
    b"PE\xD1ITAS",
    b"CA\xD1ON CITY",
    b"O'FALLON",
    b"\"LOS ANGELES",
    b"ST. LOUIS, MO",
    b"MAYAG\xDCEZ",
    b"b6",
];
