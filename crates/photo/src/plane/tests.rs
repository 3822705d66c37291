use super::*;
use proptest::prelude::*;

fn reduce(from: &Plane, to: (usize, usize)) -> Plane {
    let mut reducer = Reducer::new((from.width, from.height), to);
    (0..from.height).for_each(|y| reducer.push(from.row(y)));
    reducer.finish().expect("all rows came in")
}

fn plane(width: usize, height: usize, sample: impl Fn(usize, usize) -> u8) -> Plane {
    let samples = (0..width * height).map(|i| sample(i % width, i / width)).collect();
    Plane { width, height, samples }
}

/// The mean over what a sample covers, worked out the slow way.
fn slow(from: &Plane, to: (usize, usize), x: usize, y: usize) -> f64 {
    let cover = |i: usize, source: usize, target: usize, j: usize| {
        let (a, b) = (i * source, (i + 1) * source);
        b.min((j + 1) * target).saturating_sub(a.max(j * target)) as f64 / source as f64
    };
    let mut sum = 0.0;
    for v in 0..from.height {
        for u in 0..from.width {
            let weight = cover(x, from.width, to.0, u) * cover(y, from.height, to.1, v);
            sum += weight * f64::from(from.row(v)[u]);
        }
    }
    sum
}

proptest! {
    #[test]
    fn every_sample_is_the_mean_of_what_it_covers(
        (width, height, tw, th) in (1usize..20, 1usize..20, 1usize..25, 1usize..25),
        seed in any::<u32>(),
    ) {
        let from = plane(width, height, |x, y| ((x * 7919 + y * 104_729) as u32 ^ seed).wrapping_mul(2_654_435_761) as u8);
        let to = reduce(&from, (tw, th));
        for y in 0..th {
            for x in 0..tw {
                let off = f64::from(to.row(y)[x]) - slow(&from, (tw, th), x, y);
                prop_assert!(off.abs() < 0.52, "{x},{y} is off by {off}");
            }
        }
    }
}

#[test]
fn the_largest_edges_do_not_overflow() {
    let mut reducer = Reducer::new((65_535, 3), (65_534, 2));
    (0..3).for_each(|_| reducer.push(&[255; 65_535]));
    assert!(reducer.finish().unwrap().samples.iter().all(|s| *s == 255));
    let mut reducer = Reducer::new((1, 65_535), (1, 65_534));
    (0..65_535).for_each(|_| reducer.push(&[255]));
    assert!(reducer.finish().unwrap().samples.iter().all(|s| *s == 255));
}

#[test]
fn rows_that_are_missing_give_no_picture() {
    let mut reducer = Reducer::new((4, 4), (2, 2));
    (0..3).for_each(|_| reducer.push(&[1; 4]));
    assert!(reducer.finish().is_none());
}
