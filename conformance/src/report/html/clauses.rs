//! Every clause with its checks, area by area: the page's table of contents.

use chat_fixtures::contract::{Area, Level};
use serde::Serialize;

use super::{
    Badge, anchor, badge,
    markdown::{Piece, pieces},
};
use crate::report::{
    Report, Section,
    visible::{duration, visible},
};

#[derive(Serialize)]
pub(super) struct Chapter {
    area: Area,
    clauses: Vec<ClauseRow>,
}

#[derive(Serialize)]
struct ClauseRow {
    id: String,
    level: Level,
    text: Vec<Piece>,
    checks: Vec<CheckRow>,
}

#[derive(Serialize)]
struct CheckRow {
    name: String,
    anchor: String,
    badge: Badge,
    told: bool,
    took: String,
}

/// The areas in the order of the tables, each with its clauses, each with its checks.
pub(super) fn chapters(report: &Report) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    for result in &report.results {
        let chapter = match chapters
            .iter()
            .position(|chapter| chapter.area == result.area)
        {
            Some(n) => &mut chapters[n],
            None => {
                chapters.push(Chapter {
                    area: result.area,
                    clauses: Vec::new(),
                });
                let last = chapters.len() - 1;
                &mut chapters[last]
            }
        };
        let check = CheckRow {
            name: visible(
                result
                    .check
                    .split_once('/')
                    .map_or(&result.check, |(_, name)| name),
            )
            .replace('_', " "),
            anchor: anchor(&result.check),
            badge: badge(result.outcome, 0),
            told: Section::of(result).is_some(),
            took: duration(result.took),
        };
        match chapter
            .clauses
            .iter_mut()
            .find(|clause| clause.id == result.clause)
        {
            Some(clause) => clause.checks.push(check),
            None => chapter.clauses.push(ClauseRow {
                id: result.clause.clone(),
                level: result.level,
                text: pieces(&visible(&result.text)),
                checks: vec![check],
            }),
        }
    }
    chapters
}
