//! The room of a chart: where values stand in it, in pixels.

use super::{Chart, Mark, Size, Style, scale::Range};

/// Where values stand, in pixels.
pub(super) struct Canvas {
    pub(super) x: Range,
    pub(super) y: Range,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Canvas {
    pub(super) fn of(chart: &Chart, size: Size) -> Self {
        let points = || chart.series.iter().flat_map(|series| &series.points);
        let drawn = chart
            .series
            .iter()
            .filter(|series| series.style != Style::Flags);
        let marked_x = chart.marks.iter().filter_map(|mark| match mark {
            Mark::Upwards(x, _) => Some(*x),
            Mark::Across(..) | Mark::Between(..) => None,
        });
        let marked_y = chart.marks.iter().filter_map(|mark| match mark {
            Mark::Across(y, _) => Some(*y),
            Mark::Upwards(..) | Mark::Between(..) => None,
        });
        let y = drawn
            .flat_map(|series| &series.points)
            .filter_map(|(_, y)| *y);
        let (width, height) = size.pixels();
        Self {
            x: Range::of(chart.x.scale, points().map(|(x, _)| *x).chain(marked_x)),
            y: Range::of(chart.y.scale, y.chain(marked_y)),
            left: 62.0,
            right: width - 16.0,
            top: 26.0,
            bottom: height - 42.0,
        }
    }

    pub(super) fn x(&self, value: f64) -> f64 {
        self.left + self.x.place(value) * (self.right - self.left)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.bottom - self.y.place(value) * (self.bottom - self.top)
    }
}

impl Size {
    pub(super) const fn pixels(self) -> (f64, f64) {
        match self {
            Self::Full => (1104.0, 300.0),
            Self::Half => (540.0, 280.0),
            Self::Phone => (336.0, 240.0),
        }
    }

    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Full | Self::Half => "desk",
            Self::Phone => "phone",
        }
    }

    /// About how many ticks there is room for, across and upwards.
    pub(super) const fn ticks(self) -> (usize, usize) {
        match self {
            Self::Full => (12, 6),
            Self::Half => (7, 6),
            Self::Phone => (4, 5),
        }
    }
}
