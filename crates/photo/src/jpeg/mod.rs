//! JPEG, read.
//!
//! Why not a library's decoder: those there are give the whole picture at once. At full size 12 megapixels are 54 MB of
//! planes and colours in `jpeg-decoder`, 72 MB with 4:4:4; `zune-jpeg` cannot reduce while it decodes, so that 50
//! megapixels are 150 MB. And both, the second even when told to be strict, take a scan whose data end early for a whole
//! one, the rest made up. Here a strip of blocks at a time is read at the scale that is needed, averaged down and
//! forgotten, and data that end early are `CutShort`. Colours stay the YCbCr they are stored as: the result is encoded
//! from the same.

mod bits;
mod block;
mod frame;
mod huffman;
mod idct;
mod scan;
mod strip;
mod tables;
mod whole;

use crate::exif::{self, Orientation};
use crate::fault::Feature;
use crate::input::Input;
use crate::picture::{self, Picture};
use crate::{Colour, Fault, Head, Kind, Limits};
use frame::{Coding, Frame};
use scan::Scan;
use tables::Tables;
use whole::Whole;

const MOST_SCANS: usize = 100;

/// What was learned on the way to the picture's end.
pub(crate) struct Read {
    pub(crate) head: Head,
    pub(crate) picture: Picture,
    /// There is something in the file that the result must not have.
    pub(crate) has_metadata: bool,
}

/// Reads up to the first scan.
pub(crate) fn head(input: &mut Input<'_>) -> Result<Head, Fault> {
    let mut reader = Reader::new(input)?;
    reader.next_scan()?;
    reader.head()
}

/// Reads to the end marker; the picture comes out with its largest edge at most `edge`, not yet turned.
pub(crate) fn read(input: &mut Input<'_>, limits: &Limits, edge: u32) -> Result<Read, Fault> {
    let mut reader = Reader::new(input)?;
    let length = reader.next_scan()?.ok_or(Fault::CutShort)?;
    let head = reader.head()?;
    let frame = reader.frame.take().ok_or(Fault::Damaged("no frame header"))?;
    frame.check_pixels(limits)?;
    let to = picture::fitted((frame.width, frame.height), edge);
    let scan = Scan::read(&frame, length, reader.input)?;
    let planes = if frame.coding == Coding::Sequential && scan.parts.len() == frame.components.len() {
        reader.strips(&frame, &scan, to)?
    } else {
        frame.check_whole(limits)?;
        reader.whole(&frame, scan, to)?
    };
    let has_metadata = reader.has_metadata || reader.input.more()?;
    Ok(Read { head, picture: Picture::new(planes)?, has_metadata })
}

struct Reader<'i, 'a> {
    input: &'i mut Input<'a>,
    tables: Tables,
    frame: Option<Frame>,
    orientation: Option<Orientation>,
    jfif: bool,
    /// Adobe's word on the colours.
    transform: Option<u8>,
    has_metadata: bool,
}

impl<'i, 'a> Reader<'i, 'a> {
    fn new(input: &'i mut Input<'a>) -> Result<Self, Fault> {
        if input.u16()? != 0xffd8 {
            return Err(Fault::NotAPicture(Kind::Unknown));
        }
        let (jfif, has_metadata) = (false, false);
        let tables = Tables::default();
        Ok(Self { input, tables, frame: None, orientation: None, jfif, transform: None, has_metadata })
    }

    fn marker(&mut self) -> Result<u8, Fault> {
        if self.input.byte()? != 0xff {
            return Err(Fault::Damaged("no marker"));
        }
        loop {
            match self.input.byte()? {
                0xff => {}
                code => return Ok(code),
            }
        }
    }

    /// Reads segments up to a scan's header, whose length is returned, or to the end marker.
    fn next_scan(&mut self) -> Result<Option<usize>, Fault> {
        let code = self.marker()?;
        self.next_scan_from(code)
    }

    fn next_scan_from(&mut self, mut code: u8) -> Result<Option<usize>, Fault> {
        loop {
            match code {
                0xd9 if self.frame.is_some() => return Ok(None),
                0x00..=0xbf | 0xc8 | 0xd0..=0xd9 | 0xf0..=0xfd => return Err(Fault::Damaged("marker")),
                _ => {}
            }
            let length = usize::from(self.input.u16()?).checked_sub(2).ok_or(Fault::Damaged("segment"))?;
            match code {
                0xda if self.frame.is_some() => return Ok(Some(length)),
                0xda => return Err(Fault::Damaged("no frame header")),
                0xdc => return Err(Fault::Unsupported(Feature::HeightLater)),
                0xde | 0xdf => return Err(Fault::Unsupported(Feature::Hierarchical)),
                0xcc => return Err(Fault::Unsupported(Feature::Arithmetic)),
                0xc0..=0xcf if code != 0xc4 => self.frame(code, length)?,
                _ => self.segment(code, length)?,
            }
            code = self.marker()?;
        }
    }

    fn frame(&mut self, code: u8, length: usize) -> Result<(), Fault> {
        if self.frame.is_some() {
            return Err(Fault::Damaged("two frame headers"));
        }
        self.frame = Some(Frame::read(code, length, self.input)?);
        Ok(())
    }

    fn segment(&mut self, code: u8, length: usize) -> Result<(), Fault> {
        let body = self.input.take(length)?;
        match (code, body.as_slice()) {
            (0xc4, body) => self.tables.define_huffman(body)?,
            (0xdb, body) => self.tables.define_quantisers(body)?,
            (0xdd, [high, low]) => self.tables.interval = u32::from(u16::from_be_bytes([*high, *low])),
            (0xdd, _) => return Err(Fault::Damaged("restart interval")),
            // 14 bytes: without a small picture in it.
            (0xe0, [b'J', b'F', b'I', b'F', 0, ..]) if length == 14 => self.jfif = true,
            (0xee, [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform]) => {
                self.transform = Some(*transform)
            }
            (0xe1, [b'E', b'x', b'i', b'f', 0, _, tiff @ ..]) => {
                self.orientation = self.orientation.or_else(|| exif::orientation(tiff));
                self.has_metadata = true;
            }
            _ => self.has_metadata = true,
        }
        Ok(())
    }

    fn head(&self) -> Result<Head, Fault> {
        let frame = self.frame.as_ref().ok_or(Fault::Damaged("no frame header"))?;
        let ids: Vec<u8> = frame.components.iter().map(|c| c.id).collect();
        let said = if self.jfif { None } else { self.transform };
        let rgb = said == Some(0) || !self.jfif && said.is_none() && ids == *b"RGB";
        if ids.len() == 3 && rgb {
            return Err(Fault::Unsupported(Feature::RgbPlanes));
        }
        Ok(Head {
            kind: Kind::Jpeg,
            width: frame.width as u32,
            height: frame.height as u32,
            pixels: frame.pixels(),
            progressive: frame.coding == Coding::Progressive,
            orientation: self.orientation.unwrap_or(Orientation::UPRIGHT),
            colour: if ids.len() == 1 { Colour::Grey } else { Colour::Colour },
        })
    }

    /// The one scan of a baseline picture.
    fn strips(
        &mut self,
        frame: &Frame,
        scan: &Scan,
        to: (usize, usize),
    ) -> Result<Vec<crate::plane::Plane>, Fault> {
        let lanes = strip::lanes(frame, &self.tables, to)?;
        let mut strips = strip::Strips::new(&self.tables, &scan.parts, lanes)?;
        let code = scan::visit(self.input, frame, &scan.parts, self.tables.interval, &mut strips)?;
        let planes = strips.lanes().into_iter().map(strip::Lane::finish).collect::<Result<_, _>>()?;
        self.frame = Some(frame.clone());
        match self.next_scan_from(code)? {
            None => Ok(planes),
            Some(_) => Err(Fault::Damaged("a scan too many")),
        }
    }

    /// All scans, whatever they bring.
    fn whole(
        &mut self,
        frame: &Frame,
        mut scan: Scan,
        to: (usize, usize),
    ) -> Result<Vec<crate::plane::Plane>, Fault> {
        self.frame = Some(frame.clone());
        let mut whole = Whole::new(frame);
        // Tables may be defined anew between scans; quantisers are those of a component's first.
        let mut lanes = strip::lanes(frame, &self.tables, to);
        // Encoders use about ten; each may pass over every block for a few bytes.
        for _ in 0..MOST_SCANS {
            let mut scanning = whole.scan(frame.coding, &scan, &self.tables)?;
            let code = scan::visit(self.input, frame, &scan.parts, self.tables.interval, &mut scanning)?;
            let Some(length) = self.next_scan_from(code)? else {
                whole.check()?;
                let mut lanes = lanes?;
                whole.render(frame, &mut lanes);
                return lanes.into_iter().map(strip::Lane::finish).collect();
            };
            if lanes.is_err() {
                lanes = strip::lanes(frame, &self.tables, to);
            }
            scan = Scan::read(frame, length, self.input)?;
        }
        Err(Fault::Bomb("scans"))
    }
}

#[cfg(test)]
mod tests;
