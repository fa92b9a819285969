//! `docs/reference/held.md` against the schema, column by column and in both directions, and that whatever is kept of a
//! person has an end. When it really goes is checked by the contract.

use super::scratch;
use crate::contract::values::NOON;
use sqlx::SqlitePool;
use std::collections::{BTreeMap, BTreeSet};

/// Columns that say when a row goes.
const EXPIRIES: &[&str] =
    &["goes_at", "keep_until", "expires_at", "content_goes_at", "until_day", "day", "week", "last", "ended_day"];
/// Tables without one that go with what hangs on them, and not the other way round.
const OTHERWISE: &[(&str, &str)] = &[("cards", "with the last case in card_cases")];

async fn schema(readers: &SqlitePool) -> BTreeMap<String, BTreeSet<String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'",
    )
    .fetch_all(readers)
    .await
    .unwrap();
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (table, column) in rows {
        tables.entry(table).or_default().insert(column);
    }
    tables
}

async fn parents(readers: &SqlitePool) -> Vec<(String, String)> {
    let sql = "SELECT m.name, f.\"table\" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f \
               WHERE m.type = 'table'";
    sqlx::query_as(sql).fetch_all(readers).await.unwrap()
}

fn page() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/held.md");
    std::fs::read_to_string(path).unwrap()
}

/// What stands in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Cells of the rows of a table of the page that begin with a name in backticks.
fn rows(part: &str) -> Vec<Vec<&str>> {
    let rows = part.lines().filter(|row| row.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

fn parts(page: &str) -> (Vec<Vec<&str>>, Vec<Vec<&str>>) {
    let (classes, rest) = page.split_once("## Every column").expect("the page lists every column");
    (rows(classes), rows(rest.split("\n## ").next().unwrap_or(rest)))
}

/// What is wrong between the page and the schema.
fn differences(page: &str, tables: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let (classes, columns) = parts(page);
    let mut faults = Vec::new();
    let mut on_page = BTreeSet::new();
    for cells in &columns {
        let [table, names, what, who, goes] = cells[..] else {
            faults.push(format!("a row has not five cells: {cells:?}"));
            continue;
        };
        if [what, who, goes].iter().any(|cell| cell.is_empty()) {
            faults.push(format!("{table} {names}: what, who and when are said for every column"));
        }
        for name in quoted(names) {
            let column = (table.trim_matches('`').to_owned(), name.to_owned());
            if !on_page.insert(column.clone()) {
                faults.push(format!("{}.{} stands twice", column.0, column.1));
            }
        }
    }
    let there: BTreeSet<_> = tables
        .iter()
        .flat_map(|(table, columns)| columns.iter().map(|column| (table.clone(), column.clone())))
        .collect();
    faults.extend(there.difference(&on_page).map(|(table, column)| format!("{table}.{column} has no row")));
    faults.extend(on_page.difference(&there).map(|(table, column)| format!("{table}.{column} is no column")));
    let classed: BTreeSet<&str> = classes.iter().flat_map(|cells| quoted(cells[0])).collect();
    faults.extend(
        tables.keys().filter(|table| !classed.contains(table.as_str())).map(|table| format!("{table}: no class")),
    );
    faults
}

/// Tables in which something stays that is somebody's.
fn endless(
    tables: &BTreeMap<String, BTreeSet<String>>,
    parents: &[(String, String)],
    stays: &BTreeSet<&str>,
) -> Vec<String> {
    let mut ends: BTreeSet<&str> = OTHERWISE.iter().map(|(table, _)| *table).collect();
    ends.extend(
        tables
            .iter()
            .filter(|(_, columns)| EXPIRIES.iter().any(|name| columns.contains(*name)))
            .map(|(table, _)| table.as_str()),
    );
    // A row goes with the row that it belongs to.
    loop {
        let more: Vec<&str> = parents
            .iter()
            .filter(|(table, parent)| !ends.contains(table.as_str()) && ends.contains(parent.as_str()))
            .map(|(table, _)| table.as_str())
            .collect();
        if more.is_empty() {
            break;
        }
        ends.extend(more);
    }
    tables.keys().filter(|table| !ends.contains(table.as_str()) && !stays.contains(table.as_str())).cloned().collect()
}

#[tokio::test]
async fn every_column_stands_on_the_page_of_what_is_held_and_no_other() {
    let kept = scratch(NOON).await;
    let tables = schema(kept.store.readers()).await;
    assert!(tables.len() >= 25, "{tables:?}");
    let page = page();
    assert_eq!(differences(&page, &tables), Vec::<String>::new(), "docs/reference/held.md");
    for class in caseline_helpline::retention::TABLE {
        let cell = format!("`{}`", class.word);
        assert!(parts(&page).0.iter().any(|cells| cells[2].contains(&cell)), "{cell} has no row");
    }
    // It is found when a column has no row, and when a row has no column.
    let mut more = tables.clone();
    more.get_mut("cases").unwrap().insert("favourite".into());
    assert_eq!(differences(&page, &more), ["cases.favourite has no row"]);
    let mut fewer = tables;
    fewer.get_mut("cases").unwrap().remove("digest");
    assert_eq!(differences(&page, &fewer), ["cases.digest is no column"]);
}

#[tokio::test]
async fn every_personal_row_has_an_end() {
    let kept = scratch(NOON).await;
    let readers = kept.store.readers();
    let (mut tables, parents) = (schema(readers).await, parents(readers).await);
    let page = page();
    // What the page says stays, is of nobody.
    let stays: BTreeSet<&str> = parts(&page)
        .0
        .iter()
        .filter(|cells| cells.last().is_some_and(|goes| *goes == "stays"))
        .flat_map(|cells| quoted(cells[0]))
        .collect();
    assert_eq!(
        stays,
        BTreeSet::from(["figures", "log_nodes", "demands", "migrations", "identity"]),
        "nothing else stays: each is counts, hashes or papers of nobody"
    );
    assert_eq!(endless(&tables, &parents, &stays), Vec::<String>::new());
    tables.insert("diary".into(), BTreeSet::from(["id".into(), "sealed".into()]));
    assert_eq!(endless(&tables, &parents, &stays), ["diary"], "a table of people without an end is found");
}

#[tokio::test]
async fn every_table_that_names_a_case_is_told_to_its_person() {
    let kept = scratch(NOON).await;
    let tables = schema(kept.store.readers()).await;
    let told = crate::sqlite::told_tables();
    let of_cases: Vec<_> = tables.iter().filter(|(_, columns)| columns.contains("case_id")).collect();
    assert!(of_cases.len() >= 8, "{of_cases:?}");
    let missing: Vec<_> =
        of_cases.iter().map(|(table, _)| table).filter(|table| !told.contains(&table.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?} name a case and are told to nobody (KINDS in sqlite/held.rs)");
}
