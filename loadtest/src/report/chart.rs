//! Charts as SVG: lines over an axis, with limits, knees and faults marked. Nothing here knows what is drawn.

mod canvas;
mod frame;
mod scale;
mod svg;

pub use scale::Scale;

/// A chart. Its text may come from anywhere: it is never markup.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What it shows, for those who do not see it.
    pub title: String,
    /// From left to right.
    pub x: Axis,
    /// From below to above.
    pub y: Axis,
    /// What is drawn, in the order of the legend.
    pub series: Vec<Series>,
    /// What is pointed at.
    pub marks: Vec<Mark>,
}

/// One direction.
#[derive(Debug, Clone)]
pub struct Axis {
    /// What it measures.
    pub label: String,
    /// How its values are spread.
    pub scale: Scale,
    /// How a value is said.
    pub said: fn(f64) -> String,
}

/// Points that belong together.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// How it is drawn.
    pub style: Style,
    /// x and y, from left to right; without a y the line has a gap.
    pub points: Vec<(f64, Option<f64>)>,
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A line.
    Line,
    /// A line with a dot at every point, for few of them.
    Dots,
    /// A flag at the foot of the chart wherever y is above 0: something went wrong there.
    Flags,
}

/// Something to point at.
#[derive(Debug, Clone)]
pub enum Mark {
    /// A line across, at this y: a limit.
    Across(f64, String),
    /// A line upwards, at this x: a knee.
    Upwards(f64, String),
    /// What lies between these two x: a ramp.
    Between(f64, f64, String),
}

/// The room that a chart is drawn for; the page shows the one that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The whole width of a desktop's page.
    Full,
    /// Half of it.
    Half,
    /// A phone.
    Phone,
}

impl Chart {
    /// The chart as an `<svg>` element, to stand within a page that defines the classes' colours.
    #[must_use]
    pub fn svg(&self, size: Size) -> String {
        svg::draw(self, size)
    }

    /// Whether there is anything to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let mut points = self.series.iter().flat_map(|series| &series.points);
        !points.any(|(_, y)| y.is_some())
    }
}
