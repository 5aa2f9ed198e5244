//! What stands around the lines of a chart: grid, marks, and what a pointer over it is told.

use std::fmt::{Result, Write};

use super::{Chart, Mark, Series, Size, canvas::Canvas, svg::escaped};

impl Canvas {
    pub(super) fn grid(&self, svg: &mut String, chart: &Chart, size: Size) -> Result {
        let Self {
            left,
            right,
            bottom,
            ..
        } = self;
        let (across, upwards) = size.ticks();
        for tick in self.y.ticks(upwards) {
            let y = self.y(tick);
            let said = escaped(&(chart.y.said)(tick));
            write!(
                svg,
                r#"<path class="grid" d="M{left:.1} {y:.1}H{right:.1}"/>"#
            )?;
            write!(
                svg,
                r#"<text class="tick" text-anchor="end" x="{:.1}" y="{:.1}">{said}</text>"#,
                left - 7.0,
                y + 4.0
            )?;
        }
        let mut said_until = f64::NEG_INFINITY;
        for tick in self.x.ticks(across) {
            let x = self.x(tick);
            let said = (chart.x.said)(tick);
            let half = said.chars().map(|_| LETTER / 2.0).sum::<f64>();
            let (anchor, x_text, begins, ends) = match x + half > right + EDGE {
                true => ("end", right + EDGE, right + EDGE - 2.0 * half, right + EDGE),
                false => ("middle", x, x - half, x + half),
            };
            write!(svg, r#"<path class="grid" d="M{x:.1} {bottom:.1}v5"/>"#)?;
            // Words that would stand on each other are left out; the line is there all the same.
            if begins < said_until + LETTER {
                continue;
            }
            said_until = ends;
            let said = escaped(&said);
            write!(
                svg,
                r#"<text class="tick" text-anchor="{anchor}" x="{x_text:.1}" y="{:.1}">{said}</text>"#,
                bottom + 19.0
            )?;
        }
        write!(
            svg,
            r#"<path class="axis" d="M{left:.1} {bottom:.1}H{right:.1}"/>"#
        )?;
        write!(
            svg,
            r#"<text class="tick" x="2" y="13">{}</text>"#,
            escaped(&chart.y.label)
        )?;
        let label = escaped(&chart.x.label);
        write!(
            svg,
            r#"<text class="tick" text-anchor="end" x="{right:.1}" y="{:.1}">{label}</text>"#,
            bottom + 37.0
        )
    }

    pub(super) fn marks(&self, svg: &mut String, chart: &Chart) -> Result {
        let Self {
            left,
            right,
            top,
            bottom,
            ..
        } = self;
        // Words beside lines that stand near each other would stand on each other: each stands a line higher. They
        // begin at the foot, as limits have theirs above, and curves are high where there is a knee.
        let mut words = bottom - 8.0;
        for mark in &chart.marks {
            match mark {
                Mark::Across(y, label) => {
                    let y = self.y(*y);
                    write!(
                        svg,
                        r#"<path class="limit" d="M{left:.1} {y:.1}H{right:.1}"/>"#
                    )?;
                    write!(
                        svg,
                        r#"<text class="limit" text-anchor="end" x="{right:.1}" y="{:.1}">{}</text>"#,
                        y - 5.0,
                        escaped(label)
                    )?;
                }
                Mark::Upwards(x, label) => {
                    let x = self.x(*x);
                    // The words stand on the side where there is room.
                    let (anchor, beside) = if x > (left + right) / 2.0 {
                        ("end", x - 6.0)
                    } else {
                        ("start", x + 6.0)
                    };
                    write!(
                        svg,
                        r#"<path class="limit" d="M{x:.1} {top:.1}V{bottom:.1}"/>"#
                    )?;
                    write!(
                        svg,
                        r#"<text class="limit" text-anchor="{anchor}" x="{beside:.1}" y="{:.1}">{}</text>"#,
                        words,
                        escaped(label)
                    )?;
                    words -= LINE;
                }
                Mark::Between(from, to, label) => {
                    let (from, to) = (self.x(*from), self.x(*to));
                    let (width, height) = (to - from, bottom - top);
                    write!(
                        svg,
                        r#"<rect class="span" x="{from:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}"><title>{0}</title></rect>"#,
                        escaped(label)
                    )?;
                    if width > 40.0 {
                        write!(
                            svg,
                            r#"<text class="tick" x="{:.1}" y="{:.1}">{}</text>"#,
                            from + 4.0,
                            top + 12.0,
                            escaped(label)
                        )?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What a pointer is told: every value at the x it is over.
    pub(super) fn hints(&self, svg: &mut String, chart: &Chart) -> Result {
        let Some(first) = chart.series.first() else {
            return Ok(());
        };
        let xs: Vec<f64> = first.points.iter().map(|(x, _)| *x).collect();
        let same = |series: &Series| series.points.iter().map(|(x, _)| x).eq(xs.iter());
        if xs.len() > HINTS || !chart.series.iter().all(same) {
            return Ok(());
        }
        let places: Vec<f64> = xs.iter().map(|x| self.x(*x)).collect();
        for (n, x) in xs.iter().enumerate() {
            let middle = |other: Option<&f64>, edge: f64| {
                other.map_or(edge, |other| (other + places[n]) / 2.0)
            };
            let from = middle(n.checked_sub(1).and_then(|n| places.get(n)), self.left);
            let to = middle(places.get(n + 1), self.right);
            let mut said = (chart.x.said)(*x);
            for series in &chart.series {
                if let Some(y) = series.points[n].1 {
                    write!(said, "\n{}: {}", series.name, (chart.y.said)(y))?;
                }
            }
            let (top, width, height) = (self.top, to - from, self.bottom - self.top);
            write!(
                svg,
                r#"<rect class="hint" x="{from:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}"><title>{}</title></rect>"#,
                escaped(&said)
            )?;
        }
        Ok(())
    }
}

/// About how many pixels a letter is wide.
const LETTER: f64 = 7.0;
/// How many pixels a line of words is high.
const LINE: f64 = 15.0;
/// How far the last words may stand out to the right.
const EDGE: f64 = 14.0;
/// From how many points on a pointer could not tell them apart.
const HINTS: usize = 300;
