//! Bytes into rows, whatever the size of the chunks they come in.

use crate::ground::{Code, Error, Result};
use csv_core::ReadRecordResult;

/// A row longer than this is no row: most likely a quote was never closed.
const MAX_ROW_BYTES: usize = 1 << 18;

/// Most columns of a file.
const MAX_COLUMNS: usize = 4096;

/// The fields of one row, still bytes.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    bytes: &'a [u8],
    /// Where each field ends in `bytes`.
    ends: &'a [usize],
    /// Bytes between the end of a field and the start of the next.
    gap: usize,
    /// As a spreadsheet counts: from 1, empty lines and the header included.
    pub(super) number: usize,
}

impl<'a> Row<'a> {
    /// How many fields there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field; empty where there is none.
    pub(super) fn field(&self, i: usize) -> &'a [u8] {
        let start = match i {
            0 => 0,
            _ => self.ends.get(i - 1).map_or(self.bytes.len(), |end| end + self.gap),
        };
        let end = self.ends.get(i).copied().unwrap_or(self.bytes.len());
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// True where a byte is zero, which no text has.
    pub(super) fn has_zero_byte(&self) -> bool {
        self.bytes.contains(&0)
    }

    /// All fields, as people may read them in a report.
    pub(super) fn shown(&self) -> String {
        let fields: Vec<String> =
            (0..self.len()).map(|i| super::values::text(self.field(i)).0.into_owned()).collect();
        fields.join(" | ")
    }
}

/// Splits text into rows.
pub(super) enum Rows {
    /// Quotes, any one-byte separator, any line ending.
    Quoted(Box<Quoted>),
    /// Lines cut at a separator; a quote is a character like any other.
    Plain(Plain),
}

impl Rows {
    /// For text with quotes.
    pub(super) fn quoted(separator: u8) -> Rows {
        Rows::Quoted(Box::new(Quoted {
            reader: csv_core::ReaderBuilder::new().delimiter(separator).build(),
            out: vec![0; 1024],
            filled: 0,
            ends: vec![0; 32],
            fields: 0,
            open: false,
            last: b'\n',
            row: 0,
        }))
    }

    /// For text without quotes.
    pub(super) fn plain(separator: &'static str) -> Rows {
        Rows::Plain(Plain { separator: separator.as_bytes(), carry: Vec::new(), ends: Vec::new(), row: 0 })
    }

    /// Takes more bytes and hands every row that is now complete to `each`.
    pub(super) fn feed(&mut self, bytes: &[u8], each: impl FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        match self {
            Rows::Quoted(rows) => rows.feed(bytes, each),
            Rows::Plain(rows) => rows.feed(bytes, each),
        }
    }

    /// The file is over: a last row without a line ending is complete too.
    pub(super) fn end(&mut self, each: impl FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        match self {
            Rows::Quoted(rows) => rows.end(each),
            Rows::Plain(rows) => rows.end(each),
        }
    }
}

pub(super) struct Quoted {
    reader: csv_core::Reader,
    out: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    fields: usize,
    /// Bytes of an unfinished row have been read.
    open: bool,
    /// The byte read last.
    last: u8,
    row: usize,
}

impl Quoted {
    fn feed(&mut self, mut input: &[u8], mut each: impl FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        loop {
            if !self.open {
                input = self.skip_empty_lines(input);
            }
            // An empty input would tell csv-core that the file is over.
            if input.is_empty() {
                return Ok(());
            }
            let (result, read, written, ended) =
                self.reader.read_record(input, &mut self.out[self.filled..], &mut self.ends[self.fields..]);
            if let Some(&last) = input[..read].last() {
                (self.open, self.last) = (true, last);
            }
            input = &input[read..];
            self.filled += written;
            self.fields += ended;
            self.step(result, &mut each)?;
        }
    }

    fn end(&mut self, mut each: impl FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        loop {
            let (result, _, _, ended) = self.reader.read_record(&[], &mut [], &mut self.ends[self.fields..]);
            self.fields += ended;
            if result == ReadRecordResult::End {
                return Ok(());
            }
            self.step(result, &mut each)?;
        }
    }

    /// csv-core passes over empty lines without a word; they are counted here, for the row numbers of reports.
    fn skip_empty_lines<'a>(&mut self, mut input: &'a [u8]) -> &'a [u8] {
        while let [b @ (b'\r' | b'\n'), rest @ ..] = input {
            if !(*b == b'\n' && self.last == b'\r') {
                self.row += 1;
            }
            self.last = *b;
            input = rest;
        }
        input
    }

    fn step(&mut self, result: ReadRecordResult, each: &mut impl FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        match result {
            ReadRecordResult::Record => {
                self.row += 1;
                let row = Row {
                    bytes: &self.out[..self.filled],
                    ends: &self.ends[..self.fields],
                    gap: 0,
                    number: self.row,
                };
                (self.filled, self.fields, self.open) = (0, 0, false);
                each(row)
            }
            ReadRecordResult::OutputFull if self.out.len() >= MAX_ROW_BYTES => Err(too_long(self.row + 1)),
            ReadRecordResult::OutputEndsFull if self.ends.len() >= MAX_COLUMNS => Err(too_long(self.row + 1)),
            ReadRecordResult::OutputFull => {
                self.out.resize(self.out.len() * 2, 0);
                Ok(())
            }
            ReadRecordResult::OutputEndsFull => {
                self.ends.resize(self.ends.len() * 2, 0);
                Ok(())
            }
            ReadRecordResult::InputEmpty | ReadRecordResult::End => Ok(()),
        }
    }
}

pub(super) struct Plain {
    separator: &'static [u8],
    /// The start of a line whose end has not come yet.
    carry: Vec<u8>,
    ends: Vec<usize>,
    row: usize,
}

impl Plain {
    fn feed(&mut self, mut input: &[u8], mut each: impl FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        while let Some(end) = input.iter().position(|&b| b == b'\n') {
            let (line, rest) = (&input[..end], &input[end + 1..]);
            if self.carry.is_empty() {
                self.line(line, &mut each)?;
            } else {
                let mut whole = core::mem::take(&mut self.carry);
                whole.extend_from_slice(line);
                self.line(&whole, &mut each)?;
                whole.clear();
                self.carry = whole;
            }
            input = rest;
        }
        self.carry.extend_from_slice(input);
        if self.carry.len() > MAX_ROW_BYTES { Err(too_long(self.row + 1)) } else { Ok(()) }
    }

    fn end(&mut self, mut each: impl FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        let last = core::mem::take(&mut self.carry);
        if last.is_empty() { Ok(()) } else { self.line(&last, &mut each) }
    }

    fn line(&mut self, line: &[u8], each: &mut impl FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        self.row += 1;
        if line.len() > MAX_ROW_BYTES {
            return Err(too_long(self.row));
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Ok(());
        }
        self.ends.clear();
        let mut at = 0;
        while at < line.len() {
            if line[at..].starts_with(self.separator) {
                self.ends.push(at);
                at += self.separator.len();
            } else {
                at += 1;
            }
        }
        self.ends.push(line.len());
        if self.ends.len() > MAX_COLUMNS {
            return Err(too_long(self.row));
        }
        each(Row { bytes: line, ends: &self.ends, gap: self.separator.len(), number: self.row })
    }
}

/// The caller adds the file's name.
fn too_long(row: usize) -> Error {
    Error::new(Code::FileFormat, "a row of this file does not end")
        .at(format!("row {row}"))
        .expected(format!("at most {MAX_ROW_BYTES} bytes and {MAX_COLUMNS} columns in a row"))
        .hint("Most likely a quotation mark is opened and never closed.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(mut rows: Rows, chunks: &[&[u8]]) -> Result<Vec<(usize, Vec<Vec<u8>>)>> {
        let mut all = Vec::new();
        let mut each = |row: Row<'_>| {
            all.push((row.number, (0..row.len()).map(|i| row.field(i).to_vec()).collect()));
            Ok(())
        };
        for chunk in chunks {
            rows.feed(chunk, &mut each)?;
        }
        rows.end(&mut each)?;
        Ok(all)
    }

    fn fields(list: &[&str]) -> Vec<Vec<u8>> {
        list.iter().map(|f| f.as_bytes().to_vec()).collect()
    }

    #[test]
    fn quotes_line_endings_and_row_numbers() {
        let text = b"a,b\r\n\r\n\"x, \"\"y\"\"\nz\",2\n\n\n3,\r4,5";
        let rows = split(Rows::quoted(b','), &[text]).unwrap();
        assert_eq!(
            rows,
            [
                (1, fields(&["a", "b"])),
                (3, fields(&["x, \"y\"\nz", "2"])),
                (6, fields(&["3", ""])),
                (7, fields(&["4", "5"]))
            ]
        );
    }

    #[test]
    fn plain_lines_are_cut_at_the_separator_only() {
        let rows = split(Rows::plain("::"), &[b"1::\"Q::\r", b"\n\n2:3:", b":4::"]).unwrap();
        assert_eq!(rows, [(1, fields(&["1", "\"Q", ""])), (3, fields(&["2:3", "4", ""]))]);
    }

    #[test]
    fn a_quote_that_is_never_closed_ends_with_an_error_and_not_with_the_memory() {
        let long = vec![b'x'; MAX_ROW_BYTES + 1];
        for (rows, text) in [
            (Rows::quoted(b','), [b"a\n\"", &long[..]].concat()),
            (Rows::plain("|"), [b"a\n", &long[..]].concat()),
        ] {
            assert_eq!(split(rows, &[&text]).unwrap_err().place(), "row 2");
        }
        let columns = vec![b','; MAX_COLUMNS + 1];
        assert!(
            split(Rows::quoted(b','), &[&columns]).is_err() && split(Rows::plain(","), &[&columns]).is_err()
        );
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(text in "[ab,;\"\r\n]{0,80}", size in 1usize..9) {
            for make in [|| Rows::quoted(b','), || Rows::plain(";")] {
                let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
                prop_assert_eq!(split(make(), &chunks), split(make(), &[text.as_bytes()]));
            }
        }
    }
}
