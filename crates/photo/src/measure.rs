//! Is it worth sending? Numbers for what an eye sees at once, taken from the reduced picture.

use crate::plane::{Plane, Reducer};
use crate::{Warning, picture};

/// The copy that is measured has this largest edge, so that the numbers of all cameras compare.
const COPY: u32 = 1024;
/// A page has to be at least this large to be read: about 75 dots an inch of A4.
pub const TOO_SMALL: u32 = 800;
/// Below this, nothing in the picture has an edge: a sharp page has hundreds.
pub const BLURRED: f64 = 20.0;
/// Luma below this is black, above [`WHITE`] white.
pub const BLACK: u8 = 32;
/// See [`BLACK`].
pub const WHITE: u8 = 250;
/// From this share of black pixels on a picture is too dark: a lens that was covered.
pub const DARK: f64 = 0.9;
/// From this share of white pixels on a picture is too bright: a clean scan keeps more ink than this.
pub const BRIGHT: f64 = 0.995;

/// All warnings of a picture whose largest edge was `edge`.
pub(crate) fn warnings(luma: &Plane, edge: u32) -> Vec<Warning> {
    let copy = copy(luma);
    let share = |is: &dyn Fn(u8) -> bool| {
        copy.samples.iter().filter(|s| is(**s)).count() as f64 / copy.samples.len().max(1) as f64
    };
    let (dark, bright, sharp) = (share(&|s| s < BLACK), share(&|s| s > WHITE), sharpness(&copy));
    let small = (edge < TOO_SMALL).then_some(Warning::TooSmall { edge });
    let dark = (dark >= DARK).then_some(Warning::Dark { measure: dark });
    let bright = (bright >= BRIGHT).then_some(Warning::Bright { measure: bright });
    let blurred = (sharp < BLURRED).then_some(Warning::Blurred { measure: sharp });
    [small, dark, bright, blurred].into_iter().flatten().collect()
}

fn copy(luma: &Plane) -> Plane {
    let mut reducer =
        Reducer::new((luma.width, luma.height), picture::fitted((luma.width, luma.height), COPY));
    (0..luma.height).for_each(|y| reducer.push(luma.row(y)));
    reducer.finish().unwrap_or(Plane { width: 0, height: 0, samples: Vec::new() })
}

/// Variance of the Laplacian (four neighbours) over all pixels that have four.
fn sharpness(plane: &Plane) -> f64 {
    let (mut count, mut sum, mut squares) = (0u64, 0i64, 0i64);
    for y in 1..plane.height.saturating_sub(1) {
        let (above, row, below) = (plane.row(y - 1), plane.row(y), plane.row(y + 1));
        for ((window, a), b) in row.windows(3).zip(above.iter().skip(1)).zip(below.iter().skip(1)) {
            let [left, here, right] = [0, 1, 2].map(|i| window.get(i).map_or(0, |s| i64::from(*s)));
            let laplacian = left + right + i64::from(*a) + i64::from(*b) - 4 * here;
            count += 1;
            sum += laplacian;
            squares += laplacian * laplacian;
        }
    }
    let n = count.max(1) as f64;
    squares as f64 / n - (sum as f64 / n).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(sample: impl Fn(usize, usize) -> u8) -> Plane {
        let (width, height) = (1600, 1200);
        Plane { width, height, samples: (0..width * height).map(|i| sample(i % width, i / width)).collect() }
    }

    /// Lines of small dark boxes on paper.
    fn page(x: usize, y: usize) -> u8 {
        if y % 24 < 10 && x % 14 < 7 && !(x / 14).is_multiple_of(7) { 40 } else { 225 }
    }

    fn blurred(from: &Plane, radius: usize) -> Plane {
        let at = |x: usize, y: usize| {
            let near = |i: usize, most: usize| i.saturating_sub(radius)..(i + radius + 1).min(most);
            let all: Vec<u32> = near(y, from.height)
                .flat_map(|v| near(x, from.width).map(move |u| u32::from(from.row(v)[u])))
                .collect();
            (all.iter().sum::<u32>() / all.len() as u32) as u8
        };
        Plane {
            samples: (0..from.samples.len()).map(|i| at(i % from.width, i / from.width)).collect(),
            ..*from
        }
    }

    #[test]
    fn a_page_is_fine_and_a_blurred_one_is_not() {
        let page = plane(page);
        assert_eq!(warnings(&page, 1600), []);
        let soft = blurred(&blurred(&page, 7), 7);
        assert!(matches!(warnings(&soft, 1600)[..], [Warning::Blurred { measure }] if measure < BLURRED));
    }

    #[test]
    fn a_covered_lens_and_a_blank_page_are_told() {
        let night = warnings(&plane(|x, _| (x % 30) as u8), 1600);
        assert!(night.iter().any(|w| matches!(w, Warning::Dark { measure } if *measure > 0.99)));
        let blank = warnings(&plane(|_, _| 255), 1600);
        assert!(blank.iter().any(|w| matches!(w, Warning::Bright { measure } if *measure > 0.99)));
        assert_eq!(warnings(&plane(page), 640), [Warning::TooSmall { edge: 640 }]);
    }

    #[test]
    fn a_picture_of_one_pixel_is_measured_without_harm() {
        let one = Plane { width: 1, height: 1, samples: vec![128] };
        assert!(warnings(&one, 1).contains(&Warning::TooSmall { edge: 1 }));
    }
}
