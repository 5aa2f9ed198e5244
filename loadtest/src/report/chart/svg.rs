//! A chart drawn: its frame, its lines, its flags.

use std::fmt::Write;

use super::{Chart, Series, Size, Style, canvas::Canvas};

pub(super) fn draw(chart: &Chart, size: Size) -> String {
    let canvas = Canvas::of(chart, size);
    let (width, height) = size.pixels();
    let mut svg = format!(
        r#"<svg class="chart {}" viewBox="0 0 {width:.0} {height:.0}" role="img" aria-label="{}">"#,
        size.class(),
        escaped(&chart.title)
    );
    // A string takes all that is written to it.
    let _ = canvas.grid(&mut svg, chart, size);
    let _ = canvas.marks(&mut svg, chart);
    for (place, series) in chart.series.iter().enumerate() {
        let _ = canvas.series(&mut svg, place, series);
    }
    let _ = canvas.hints(&mut svg, chart);
    svg.push_str("</svg>");
    svg
}

impl Canvas {
    fn series(&self, svg: &mut String, place: usize, series: &Series) -> std::fmt::Result {
        if series.style == Style::Flags {
            return self.flags(svg, series);
        }
        let class = place % COLOURS;
        let mut path = String::new();
        let mut is_down = false;
        for (x, y) in &series.points {
            let Some(y) = y else {
                is_down = false;
                continue;
            };
            let (x, y) = (self.x(*x), self.y(*y));
            // A stroke of no length has round ends: a point between two gaps is still seen.
            let then = if is_down { "L" } else { "M" };
            write!(path, "{then}{x:.1} {y:.1}")?;
            if !is_down {
                path.push_str("h0");
            }
            is_down = true;
        }
        write!(svg, r#"<path class="line s{class}" d="{path}"/>"#)?;
        if series.style == Style::Dots {
            for (x, y) in series.points.iter().filter_map(|(x, y)| Some((x, (*y)?))) {
                let (x, y) = (self.x(*x), self.y(y));
                write!(
                    svg,
                    r#"<circle class="dot s{class}" cx="{x:.1}" cy="{y:.1}" r="3.5"/>"#
                )?;
            }
        }
        Ok(())
    }

    fn flags(&self, svg: &mut String, series: &Series) -> std::fmt::Result {
        for (x, y) in &series.points {
            if y.is_some_and(|y| y > 0.0) {
                let (x, bottom) = (self.x(*x), self.bottom);
                write!(
                    svg,
                    r#"<path class="flag" d="M{x:.1} {:.1}l5 9h-10z"/>"#,
                    bottom - 10.0
                )?;
            }
        }
        Ok(())
    }
}

/// Text within SVG, in an element or an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// How many colours the page has for lines.
const COLOURS: usize = 6;
#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{Axis, Mark, Scale};

    fn capacity() -> Chart {
        let said = |value: f64| format!("{value:.0}");
        let axis = |label: &str, scale| Axis {
            label: label.to_owned(),
            scale,
            said,
        };
        Chart {
            title: "<Load> & p99".to_owned(),
            x: axis("messages a second", Scale::Zero),
            y: axis("p99", Scale::Log),
            series: vec![Series {
                name: "\"p99\"".to_owned(),
                style: Style::Dots,
                points: vec![(100.0, Some(3.0)), (200.0, None), (400.0, Some(900.0))],
            }],
            marks: vec![
                Mark::Upwards(380.0, "the knee".to_owned()),
                Mark::Across(250.0, "limit".to_owned()),
            ],
        }
    }

    #[test]
    fn a_search_for_the_capacity_has_its_knee_and_its_limit() {
        for size in [Size::Full, Size::Half, Size::Phone] {
            let svg = capacity().svg(size);
            assert_eq!(svg.matches("<circle").count(), 2);
            assert_eq!(svg.matches("class=\"limit\"").count(), 4);
            assert!(svg.contains(">the knee</text>"), "{svg}");
        }
    }

    #[test]
    fn text_is_never_markup() {
        let svg = capacity().svg(Size::Half);
        assert!(
            svg.contains("aria-label=\"&lt;Load&gt; &amp; p99\""),
            "{svg}"
        );
        assert!(svg.contains("&quot;p99&quot;: 3"), "{svg}");
    }

    #[test]
    fn where_nothing_was_measured_the_line_has_a_gap() {
        let svg = capacity().svg(Size::Half);
        let path = svg
            .split("class=\"line s0\" d=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        assert_eq!(path.map(|path| path.matches('M').count()), Some(2), "{svg}");
    }
}
