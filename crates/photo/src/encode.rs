//! From a picture to a JPEG: baseline, 4:2:0 or grey, JFIF's header and nothing beside it.

use crate::Fault;
use crate::picture::Picture;
use jpeg_encoder::{Encoder, EncodingError, ImageBuffer, JpegColorType, SamplingFactor};
use std::io::{self, Write};

/// What an encoding came to.
pub(crate) struct Encoded {
    /// How large it is.
    pub(crate) size: u64,
    /// The bytes, where they are within the limit.
    pub(crate) jpeg: Option<Vec<u8>>,
}

/// Encodes; of a result larger than `limit` bytes the size alone is kept.
pub(crate) fn encode(picture: &Picture, quality: u8, limit: u64) -> Result<Encoded, Fault> {
    let mut out = Kept { bytes: Vec::new(), size: 0, limit };
    let mut encoder = Encoder::new(&mut out, quality.clamp(1, 100));
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode_image(Rows(picture)).map_err(|error| match error {
        EncodingError::IoError(error) => Fault::from(error),
        _ => Fault::Damaged("size"),
    })?;
    let jpeg = (out.size <= limit).then_some(out.bytes);
    Ok(Encoded { size: out.size, jpeg })
}

/// Keeps what is within the limit and counts the rest.
struct Kept {
    bytes: Vec<u8>,
    size: u64,
    limit: u64,
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.size += bytes.len() as u64;
        if self.size <= self.limit {
            self.bytes.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Rows<'p>(&'p Picture);

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.0.chroma.is_some() { JpegColorType::Ycbcr } else { JpegColorType::Luma }
    }

    fn width(&self) -> u16 {
        u16::try_from(self.0.luma.width).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        u16::try_from(self.0.luma.height).unwrap_or(u16::MAX)
    }

    fn fill_buffers(&self, y: u16, [luma, blue, red, _]: &mut [Vec<u8>; 4]) {
        let y = usize::from(y);
        luma.extend_from_slice(self.0.luma.row(y));
        // The encoder takes the mean of two and two: the sample itself.
        for (plane, into) in self.0.chroma.iter().flatten().zip([blue, red]) {
            let twice = plane.row(y / 2).iter().flat_map(|sample| [*sample; 2]);
            into.extend(twice.take(self.0.luma.width));
        }
    }
}
