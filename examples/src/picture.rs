//! A picture made by code, so that nothing has to be found first.
//!
//! An evening: sky, sun, two rows of hills and their reflection in water.
//!
//! ```
//! let bmp = examples::picture::bmp();
//! assert!(bmp.starts_with(b"BM"));
//! assert_eq!(bmp.len(), 54 + 160 * 120 * 3);
//! ```
//!
//! The same bytes on every machine: only exact arithmetic is used, because the
//! last bit of `sin` differs between C libraries. Limits: one picture, one size.

use image::codecs::bmp::BmpEncoder;
use image::{ExtendedColorType, Rgb, RgbImage};

/// Width in pixels.
pub const WIDTH: u32 = 160;
/// Height in pixels.
pub const HEIGHT: u32 = 120;

/// Where the water begins.
const SHORE: i32 = 84;
const SUN: (i32, i32) = (112, 46);
const SUN_RADIUS: i32 = 14;

/// The picture as the bytes of a 24-bit BMP file.
#[must_use]
pub fn bmp() -> Vec<u8> {
    let picture = image();
    let mut bytes = Vec::new();
    BmpEncoder::new(&mut bytes)
        .encode(picture.as_raw(), WIDTH, HEIGHT, ExtendedColorType::Rgb8)
        .expect("a buffer in memory takes every byte of a small picture");
    bytes
}

/// The picture as pixels.
#[must_use]
pub fn image() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let (x, y) = (x.cast_signed(), y.cast_signed());
        Rgb(if y < SHORE { scene(x, y) } else { water(x, y) })
    })
}

/// What stands above the water.
fn scene(x: i32, y: i32) -> [u8; 3] {
    if y >= SHORE - 8 - wave(x + 20, 90, 9) - wave(x, 37, 3) {
        // Near hills, darker towards the shore.
        return mix([38, 70, 58], [18, 38, 40], y - (SHORE - 24), 24);
    }
    if y >= SHORE - 26 - wave(x + 75, 130, 14) - wave(x + 10, 50, 4) {
        return mix([112, 96, 128], [84, 82, 104], y - (SHORE - 44), 44);
    }
    let sky = match y {
        ..40 => mix([38, 58, 124], [214, 118, 120], y, 40),
        _ => mix([214, 118, 120], [255, 206, 130], y - 40, 34),
    };
    let (dx, dy) = (x - SUN.0, y - SUN.1);
    let distance = dx * dx + dy * dy;
    let disc = SUN_RADIUS * SUN_RADIUS;
    if distance <= disc {
        return mix([255, 250, 214], [255, 226, 140], distance, disc);
    }
    // The glow fades with the square of the distance.
    mix([255, 226, 140], sky, distance, disc * 6)
}

/// The scene upside down, rippled, and more water the nearer it is.
fn water(x: i32, y: i32) -> [u8; 3] {
    let depth = y - SHORE;
    let ripple = wave(y * 7 + x / 3, 23, 2 + depth / 8);
    let mirrored = scene(
        (x + ripple).clamp(0, WIDTH.cast_signed() - 1),
        SHORE - 1 - depth * 2,
    );
    mix(mirrored, [24, 52, 92], 10 + depth, 70)
}

/// From one colour to the other as `part` goes from 0 to `whole`.
fn mix(from: [u8; 3], to: [u8; 3], part: i32, whole: i32) -> [u8; 3] {
    let part = part.clamp(0, whole);
    std::array::from_fn(|i| {
        let (from, to) = (i32::from(from[i]), i32::from(to[i]));
        u8::try_from(from + (to - from) * part / whole).unwrap_or(u8::MAX)
    })
}

/// A round wave between `-height` and `height`, made of parabolas.
fn wave(x: i32, length: i32, height: i32) -> i32 {
    let half = length / 2;
    let at = x.rem_euclid(half * 2);
    let arch = |at: i32| 4 * height * at * (half - at) / (half * half);
    if at < half {
        arch(at)
    } else {
        -arch(at - half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_24_bit_bmp_that_decodes_to_itself() {
        let bytes = bmp();
        assert_eq!(bytes[28], 24);
        let back = image::load_from_memory(&bytes).unwrap().into_rgb8();
        assert_eq!(back, image());
    }

    #[test]
    fn is_the_same_everywhere() {
        // FNV-1a: a change of the picture shall be a decision.
        let hash = bmp().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        assert_eq!(hash, 12_562_764_642_293_450_272);
    }

    #[test]
    fn has_something_to_look_at() {
        let mut colours: Vec<_> = image().pixels().map(|p| p.0).collect();
        colours.sort_unstable();
        colours.dedup();
        assert!(colours.len() > 500, "{}", colours.len());
    }
}
