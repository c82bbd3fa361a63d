//! A picture drawn with characters.
//!
//! One character cell shows two pixels: `▀` has the upper one as its colour and
//! the lower one as its background. Where colours make no sense (a file, a
//! pipe, `NO_COLOR`, `TERM=dumb`) a small picture of plain ASCII is drawn, dark
//! to bright as ` .:-=+*#%@`.
//!
//! ```
//! use examples::terminal::{Canvas, Style, render};
//!
//! let canvas = Canvas { style: Style::Ascii, columns: 24, rows: None };
//! let drawn = render(&examples::picture::bmp(), canvas)?;
//! assert_eq!(drawn.lines().next().map(str::len), Some(24));
//! # Ok::<(), examples::terminal::ShowError>(())
//! ```
//!
//! The width comes from `COLUMNS`, else from the terminal, else it is 80.
//!
//! Limits: BMP only; pictures are made smaller, never larger; at most
//! [`MAX_SIDE`] pixels a side. 24-bit colour is assumed of every terminal.

use std::io::{self, IsTerminal, Write};
use std::{env, fmt};

use image::imageops::{self, FilterType};
use image::{ImageFormat, ImageReader, Limits, Rgb, RgbImage};

/// Longest side of a picture that is decoded: a header of 30 bytes can claim
/// gigabytes.
pub const MAX_SIDE: u32 = 8192;

/// Size of a picture in a log.
const LOG: (u32, u32) = (48, 32);

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Half blocks in 24-bit colour.
    Colour,
    /// Characters for brightness.
    Ascii,
}

/// Where to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canvas {
    /// How to draw.
    pub style: Style,
    /// Most characters in a line.
    pub columns: u32,
    /// Most lines, if that matters.
    pub rows: Option<u32>,
}

impl Canvas {
    /// The canvas that standard output is.
    #[must_use]
    pub fn of_stdout() -> Self {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        if !io::stdout().is_terminal() || set("NO_COLOR") || dumb {
            return Self {
                style: Style::Ascii,
                columns: LOG.0,
                rows: Some(LOG.1),
            };
        }
        let size = console::Term::stdout().size_checked();
        let columns = env::var("COLUMNS").ok();
        Self {
            style: Style::Colour,
            columns: columns_from(columns.as_deref(), size.map(|(_, columns)| columns)),
            // One line is left for the prompt below the picture.
            rows: size.map(|(rows, _)| u32::from(rows).saturating_sub(1).max(1)),
        }
    }
}

fn columns_from(variable: Option<&str>, terminal: Option<u16>) -> u32 {
    let variable = variable.and_then(|text| text.trim().parse::<u16>().ok());
    let columns = variable.filter(|&n| n > 0).or(terminal).unwrap_or(80);
    u32::from(columns.max(1))
}

/// Why a picture was not shown.
#[derive(Debug)]
#[non_exhaustive]
pub enum ShowError {
    /// The bytes are no picture that can be decoded.
    NotAPicture(String),
    /// Standard output did not take it.
    Output(io::Error),
}

impl fmt::Display for ShowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPicture(why) => write!(f, "this is no BMP picture: {why}"),
            Self::Output(error) => write!(f, "the picture cannot be shown: {error}"),
        }
    }
}

impl std::error::Error for ShowError {}

/// Draws the BMP file in `bytes` on standard output.
///
/// # Errors
///
/// When `bytes` is no BMP, or standard output fails. A closed pipe is no
/// failure: whoever reads has seen enough.
pub fn show(bytes: &[u8]) -> Result<(), ShowError> {
    let drawn = render(bytes, Canvas::of_stdout())?;
    let mut out = io::stdout().lock();
    match out.write_all(drawn.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(ShowError::Output(error)),
        _ => Ok(()),
    }
}

/// Draws the BMP file in `bytes` as text; each line ends with `\n`.
///
/// # Errors
///
/// When `bytes` is no BMP or one larger than [`MAX_SIDE`].
pub fn render(bytes: &[u8], canvas: Canvas) -> Result<String, ShowError> {
    let picture = decode(bytes)?;
    Ok(match canvas.style {
        Style::Colour => {
            let rows = canvas.rows.map(|rows| rows.saturating_mul(2));
            half_blocks(&shrink(&picture, canvas.columns, rows, 1))
        }
        Style::Ascii => ascii(&shrink(&picture, canvas.columns, canvas.rows, 2)),
    })
}

fn decode(bytes: &[u8]) -> Result<RgbImage, ShowError> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    let mut reader = ImageReader::with_format(io::Cursor::new(bytes), ImageFormat::Bmp);
    reader.limits(limits);
    let picture = reader
        .decode()
        .map_err(|error| ShowError::NotAPicture(error.to_string()))?
        .into_rgb8();
    match picture.dimensions() {
        (0, _) | (_, 0) => Err(ShowError::NotAPicture("it has no pixels".to_owned())),
        _ => Ok(picture),
    }
}

/// Makes the picture fit; `squash` pixels above each other become one.
fn shrink(picture: &RgbImage, columns: u32, rows: Option<u32>, squash: u32) -> RgbImage {
    let (width, height) = (u64::from(picture.width()), u64::from(picture.height()));
    let squash = u64::from(squash);
    let most_rows = rows.map_or(height, |rows| u64::from(rows.max(1)));
    let columns = u64::from(columns)
        .min(width)
        .min(most_rows * squash * width / height)
        .max(1);
    // A very narrow picture has too many rows even in one column.
    let rows = (columns * height / (width * squash)).clamp(1, most_rows);
    // Neither is larger than the picture was, so both still fit.
    let fit = |n| u32::try_from(n).unwrap_or(MAX_SIDE);
    imageops::resize(picture, fit(columns), fit(rows), FilterType::Triangle)
}

fn half_blocks(picture: &RgbImage) -> String {
    let mut text = String::new();
    for y in (0..picture.height()).step_by(2) {
        let mut last = None;
        for x in 0..picture.width() {
            let upper = picture.get_pixel(x, y);
            let lower = picture.get_pixel_checked(x, y + 1);
            // Only changes are sent: a serial console is slow.
            if last != Some((upper, lower)) {
                last = Some((upper, lower));
                let Rgb([r, g, b]) = upper;
                text += &format!("\x1b[38;2;{r};{g};{b};");
                text += &match lower {
                    Some(Rgb([r, g, b])) => format!("48;2;{r};{g};{b}m"),
                    None => "49m".to_owned(),
                };
            }
            text.push('▀');
        }
        text += "\x1b[0m\n";
    }
    text
}

fn ascii(picture: &RgbImage) -> String {
    const RAMP: &[u8] = b" .:-=+*#%@";
    let mut text = String::new();
    for row in picture.rows() {
        for Rgb([r, g, b]) in row {
            // Rec. 601 weights: green looks brightest.
            let light = u32::from(*r) * 299 + u32::from(*g) * 587 + u32::from(*b) * 114;
            let step = light as usize * RAMP.len() / 255_001;
            text.push(char::from(RAMP[step]));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::bmp::BmpEncoder;

    fn bmp(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| Rgb(pixel(x, y)));
        let mut bytes = Vec::new();
        BmpEncoder::new(&mut bytes)
            .encode(&picture, width, height, image::ExtendedColorType::Rgb8)
            .unwrap();
        bytes
    }

    fn canvas(style: Style, columns: u32, rows: Option<u32>) -> Canvas {
        Canvas {
            style,
            columns,
            rows,
        }
    }

    #[test]
    fn two_pixels_share_a_cell() {
        let bytes = bmp(2, 3, |x, y| [x as u8, y as u8, 9]);
        let drawn = render(&bytes, canvas(Style::Colour, 80, None)).unwrap();
        assert_eq!(
            drawn,
            "\x1b[38;2;0;0;9;48;2;0;1;9m▀\x1b[38;2;1;0;9;48;2;1;1;9m▀\x1b[0m\n\
             \x1b[38;2;0;2;9;49m▀\x1b[38;2;1;2;9;49m▀\x1b[0m\n"
        );
    }

    #[test]
    fn equal_cells_need_no_new_colour() {
        let bytes = bmp(30, 2, |_, _| [1, 2, 3]);
        let drawn = render(&bytes, canvas(Style::Colour, 80, None)).unwrap();
        assert_eq!(drawn.matches('\x1b').count(), 2);
        assert_eq!(drawn.matches('▀').count(), 30);
    }

    #[test]
    fn brightness_becomes_characters() {
        let bytes = bmp(10, 2, |x, _| [(x * 28) as u8; 3]);
        let drawn = render(&bytes, canvas(Style::Ascii, 10, None)).unwrap();
        assert_eq!(drawn, " .:-=+*#%@\n");
        let white = render(&bmp(1, 1, |_, _| [255; 3]), canvas(Style::Ascii, 9, None));
        assert_eq!(white.unwrap(), "@\n");
    }

    #[test]
    fn fits_the_canvas_and_keeps_its_shape() {
        let bytes = crate::picture::bmp();
        for (style, columns, rows, expected) in [
            (Style::Colour, 80, None, (80, 30)),
            (Style::Colour, 80, Some(23), (61, 23)),
            (Style::Colour, 500, None, (160, 60)),
            (Style::Colour, 1, None, (1, 1)),
            (Style::Colour, 0, Some(0), (1, 1)),
            (Style::Ascii, 48, None, (48, 18)),
            (Style::Ascii, 48, Some(9), (24, 9)),
        ] {
            let drawn = render(&bytes, canvas(style, columns, rows)).unwrap();
            let line = drawn.lines().next().unwrap();
            let width = match style {
                Style::Colour => line.matches('▀').count(),
                Style::Ascii => line.len(),
            };
            assert_eq!(
                (width, drawn.lines().count()),
                expected,
                "{columns} {rows:?}"
            );
        }
    }

    #[test]
    fn extreme_shapes_are_drawn() {
        for (width, height) in [(1, 1), (3000, 1), (1, 3000)] {
            let bytes = bmp(width, height, |_, _| [200; 3]);
            for style in [Style::Colour, Style::Ascii] {
                let drawn = render(&bytes, canvas(style, 20, Some(10))).unwrap();
                assert!(
                    (1..=10).contains(&drawn.lines().count()),
                    "{width}x{height}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let good = crate::picture::bmp();
        let mut huge = good.clone();
        huge[18..22].copy_from_slice(&1_000_000_i32.to_le_bytes());
        huge[22..26].copy_from_slice(&1_000_000_i32.to_le_bytes());
        for bytes in [&b""[..], b"BM", b"<html>", &good[..1000], &huge] {
            let result = render(bytes, canvas(Style::Ascii, 48, None));
            assert!(matches!(result, Err(ShowError::NotAPicture(_))));
        }
    }

    #[test]
    fn width_has_three_sources() {
        assert_eq!(columns_from(Some("100"), Some(90)), 100);
        assert_eq!(columns_from(Some("0"), Some(90)), 90);
        assert_eq!(columns_from(Some("wide"), Some(90)), 90);
        assert_eq!(columns_from(None, Some(90)), 90);
        assert_eq!(columns_from(None, None), 80);
    }
}
