//! Where everything of the picture stands: years from left to right, designs from top to bottom, marks that would cover
//! each other side by side.

use std::collections::BTreeMap;

/// The width of the picture in its own units; at 360 pixels its smallest letters are still nine pixels high.
pub const WIDTH: f64 = 520.0;
/// The left edge of the years.
pub const LEFT: f64 = 138.0;
/// The right edge of the years, or of the column without a year.
pub const RIGHT: f64 = WIDTH - 22.0;
/// How wide the column of studies without a year is.
const UNDATED: f64 = 64.0;
/// Above the first row.
const TOP: f64 = 52.0;
const LEAST_ROW: f64 = 40.0;
const GAP: f64 = 3.0;
/// The radius of the largest sample, and of the smallest that is drawn.
pub const MOST_RADIUS: f64 = 20.0;
pub const LEAST_RADIUS: f64 = 4.5;
/// The radius of a study that does not state its sample.
pub const UNKNOWN_RADIUS: f64 = 6.0;
/// A number fits into a mark of this radius, otherwise it stands beside it.
pub const ROOM_INSIDE: f64 = 10.5;
/// How wide one digit is.
const DIGIT: f64 = 6.6;
/// More studies than this are drawn as groups: one mark for all of one design and a few years.
pub const MOST_MARKS: usize = 200;

/// Something to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What stands in it or beside it.
    pub label: String,
    pub year: Option<i32>,
    /// The row, from 0.
    pub row: usize,
    /// What its area stands for; `None`: it is not known.
    pub size: Option<u32>,
    /// Whether its label has to stand beside it.
    pub beside: bool,
}

/// A mark with its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    pub x: f64,
    pub y: f64,
    pub radius: f64,
    /// Whether the label stands inside.
    pub inside: bool,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    pub top: f64,
    pub height: f64,
}

/// Everything with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// In the order of the marks.
    pub dots: Vec<Dot>,
    pub rows: Vec<Row>,
    /// Years on the axis with their places.
    pub ticks: Vec<(i32, f64)>,
    /// The middle of the column of studies without a year.
    pub undated: Option<f64>,
    /// Where the rows end.
    pub bottom: f64,
    /// The largest size there is.
    pub most: u32,
}

/// Places the marks in so many rows.
pub fn layout(marks: &[Mark], rows: usize) -> Layout {
    let most = marks.iter().filter_map(|mark| mark.size).max().unwrap_or(0);
    let scale = Scale::of(marks);
    let mut dots: Vec<Dot> = marks.iter().map(|mark| dot(mark, &scale, most)).collect();
    let mut placed = Vec::with_capacity(rows);
    let mut top = TOP;
    for row in 0..rows {
        let mut members: Vec<usize> = (0..marks.len()).filter(|i| marks[*i].row == row).collect();
        members.sort_by(|a, b| dots[*a].x.total_cmp(&dots[*b].x).then(a.cmp(b)));
        let height = swarm(&mut dots, marks, &members, &scale).max(LEAST_ROW);
        for member in &members {
            dots[*member].y += top + height / 2.0;
        }
        placed.push(Row { top, height });
        top += height;
    }
    Layout { dots, rows: placed, ticks: scale.ticks(), undated: scale.undated, bottom: top, most }
}

/// The radius whose area is to the largest as the sizes are.
pub fn radius(size: Option<u32>, most: u32) -> f64 {
    match size {
        Some(size) if most > 0 => (MOST_RADIUS * (f64::from(size) / f64::from(most)).sqrt()).max(LEAST_RADIUS),
        Some(_) => LEAST_RADIUS,
        None => UNKNOWN_RADIUS,
    }
}

fn dot(mark: &Mark, scale: &Scale, most: u32) -> Dot {
    let radius = radius(mark.size, most);
    let inside =
        !mark.beside && mark.size.is_some() && radius >= ROOM_INSIDE && label_width(mark) <= 2.0 * radius - 4.0;
    Dot { x: scale.place(mark.year), y: 0.0, radius, inside }
}

fn label_width(mark: &Mark) -> f64 {
    DIGIT * f64::from(u16::try_from(mark.label.chars().count()).unwrap_or(u16::MAX))
}

/// Moves marks of one row about until none covers another, sideways by no more than the scale lets them; answers how high
/// the row has to be.
fn swarm(dots: &mut [Dot], marks: &[Mark], members: &[usize], scale: &Scale) -> f64 {
    let mut taken: Vec<Area> = Vec::with_capacity(members.len());
    let (mut up, mut down) = (0.0_f64, 0.0_f64);
    for member in members {
        let area = Area::of(&dots[*member], &marks[*member]);
        let (dx, y) = free_place(&area, &taken, scale.reach(marks[*member].year));
        let area = area.moved(dx, y);
        up = up.min(area.top);
        down = down.max(area.bottom);
        taken.push(area);
        dots[*member].x += dx;
        dots[*member].y = y;
    }
    // The rows' middle is the marks' middle.
    let middle = f64::midpoint(up, down);
    for member in members {
        dots[*member].y -= middle;
    }
    down - up + 8.0
}

/// What a mark covers, its label and a margin included.
#[derive(Clone, Copy)]
struct Area {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Area {
    fn of(dot: &Dot, mark: &Mark) -> Self {
        let label = if dot.inside { 0.0 } else { 3.0 + label_width(mark) };
        let half = dot.radius.max(7.0) + GAP / 2.0;
        let (left, right) = (dot.x - dot.radius - GAP / 2.0, dot.x + dot.radius + label + GAP / 2.0);
        Self { left, right, top: -half, bottom: half }
    }

    fn moved(self, dx: f64, dy: f64) -> Self {
        Self { left: self.left + dx, right: self.right + dx, top: self.top + dy, bottom: self.bottom + dy }
    }

    fn touches(&self, other: &Self) -> bool {
        const HAIR: f64 = 1e-6;
        let across = self.left < other.right - HAIR && other.left < self.right - HAIR;
        across && self.top < other.bottom - HAIR && other.top < self.bottom - HAIR
    }
}

/// How far to move an area so that it touches none of these: as little as can be, sideways in steps of its own width.
fn free_place(area: &Area, taken: &[Area], reach: f64) -> (f64, f64) {
    let width = area.right - area.left;
    let steps = (reach / width).floor().clamp(0.0, 20.0) as i32;
    let mut best: Option<(f64, f64)> = None;
    for step in -steps..=steps {
        let dx = f64::from(step) * width;
        let here = area.moved(dx, 0.0);
        let near: Vec<&Area> = taken.iter().filter(|t| here.left < t.right && t.left < here.right).collect();
        let half = area.bottom;
        let mut ys: Vec<f64> = near.iter().flat_map(|other| [other.top - half, other.bottom + half]).collect();
        ys.push(0.0);
        ys.sort_by(|a, b| a.abs().total_cmp(&b.abs()).then(b.total_cmp(a)));
        let Some(y) = ys.into_iter().find(|y| !near.iter().any(|other| here.moved(0.0, *y).touches(other))) else {
            continue;
        };
        if best.is_none_or(|(x0, y0): (f64, f64)| dx.hypot(y) < x0.hypot(y0)) {
            best = Some((dx, y));
        }
    }
    best.unwrap_or_default()
}

/// Years to places.
struct Scale {
    first: i32,
    last: i32,
    dated: bool,
    /// The right edge of the years.
    right: f64,
    undated: Option<f64>,
}

impl Scale {
    fn of(marks: &[Mark]) -> Self {
        let years = || marks.iter().filter_map(|mark| mark.year);
        let (first, last) = (years().min(), years().max());
        let (Some(first), Some(last)) = (first, last) else {
            return Self { first: 0, last: 0, dated: false, right: LEFT, undated: Some(f64::midpoint(LEFT, RIGHT)) };
        };
        let undated = marks.iter().any(|mark| mark.year.is_none());
        let right = if undated { RIGHT - UNDATED } else { RIGHT };
        let undated = undated.then_some(RIGHT - UNDATED / 2.0 + 6.0);
        Self { first, last, dated: true, right, undated }
    }

    /// How far a mark may be moved sideways: half of the room that its year has, or the column without a year.
    fn reach(&self, year: Option<i32>) -> f64 {
        let years = f64::from(self.last.saturating_sub(self.first)).max(0.0);
        let room = self.right - LEFT - 2.0 * MOST_RADIUS - 14.0;
        match (self.dated, year, years) {
            (false, _, _) => (RIGHT - LEFT) / 2.0 - MOST_RADIUS - 20.0,
            (true, None, _) => UNDATED / 2.0,
            (true, Some(_), 0.0) => room / 2.0,
            (true, Some(_), years) => (room / years / 2.0).min(UNDATED / 2.0),
        }
    }

    fn place(&self, year: Option<i32>) -> f64 {
        let Some(year) = year.filter(|_| self.dated) else { return self.undated.unwrap_or(RIGHT) };
        let (from, to) = (LEFT + MOST_RADIUS, self.right - MOST_RADIUS - 14.0);
        if self.first == self.last {
            return f64::midpoint(from, to);
        }
        let span = f64::from(self.last) - f64::from(self.first);
        from + (to - from) * (f64::from(year) - f64::from(self.first)) / span
    }

    /// At most seven years, at round steps, first and last within the studies' years.
    fn ticks(&self) -> Vec<(i32, f64)> {
        if !self.dated {
            return Vec::new();
        }
        let span = self.last.saturating_sub(self.first);
        let step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].into_iter().find(|step| span / step < 7);
        let step = step.unwrap_or(10_000);
        let mut year = self.first.div_euclid(step) * step;
        let mut ticks = Vec::new();
        while year <= self.last {
            if year >= self.first {
                ticks.push((year, self.place(Some(year))));
            }
            year += step;
        }
        if ticks.is_empty() {
            ticks.push((self.first, self.place(Some(self.first))));
        }
        ticks
    }
}

/// Studies of one row and a few years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub row: usize,
    /// The first and the last year; `None` for studies without one.
    pub years: Option<(i32, i32)>,
    /// Which of the studies given.
    pub members: Vec<usize>,
}

/// Groups studies, given by row and year, so that at most a dozen spans of years are left.
pub fn groups(studies: &[(usize, Option<i32>)]) -> Vec<Group> {
    let years = || studies.iter().filter_map(|(_, year)| *year);
    let (first, last) = (years().min().unwrap_or(0), years().max().unwrap_or(0));
    let width = (last.saturating_sub(first) / 12).saturating_add(1);
    let mut cells: BTreeMap<(usize, bool, i32), Vec<usize>> = BTreeMap::new();
    for (index, (row, year)) in studies.iter().enumerate() {
        let cell = year.map_or((*row, true, 0), |year| (*row, false, (year - first) / width));
        cells.entry(cell).or_default().push(index);
    }
    let groups = cells.into_iter().map(|((row, undated, cell), members)| {
        let from = first + cell * width;
        let years = (!undated).then(|| (from, last.min(from + width - 1)));
        Group { row, years, members }
    });
    groups.collect()
}
