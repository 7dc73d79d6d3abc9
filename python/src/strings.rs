//! Columns of strings, of the three kinds that Arrow has: read without believing their producer,
//! and made anew.

use std::sync::Arc;

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::GenericStringArray;
use arrow_array::LargeStringArray;
use arrow_array::OffsetSizeTrait;
use arrow_array::StringArray;
use arrow_array::StringViewArray;
use arrow_array::builder::GenericStringBuilder;
use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_data::ByteView;
use arrow_data::MAX_INLINE_VIEW_LEN;
use arrow_schema::DataType;

/// The column is too long for its type.
pub(crate) const TOO_LONG: &str = "the clean column holds more than 2 GiB, the most that the Arrow type `string` can; cast it to `large_string` first";

/// A column of strings.
#[derive(Clone, Copy)]
pub(crate) enum Strings<'a> {
    Small(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
    /// Arrow's type for columns in which nothing stands.
    Null(usize),
}

impl<'a> Strings<'a> {
    /// `array` as a column of strings, if it is one.
    pub(crate) fn of(array: &'a ArrayRef) -> Option<Self> {
        match array.data_type() {
            DataType::Utf8 => Some(Self::Small(array.as_string())),
            DataType::LargeUtf8 => Some(Self::Large(array.as_string())),
            DataType::Utf8View => Some(Self::View(array.as_string_view())),
            DataType::Null => Some(Self::Null(array.len())),
            _ => None,
        }
    }

    pub(crate) fn len(self) -> usize {
        match self {
            Self::Small(array) => array.len(),
            Self::Large(array) => array.len(),
            Self::View(array) => array.len(),
            Self::Null(len) => len,
        }
    }

    /// The bytes of row `n`, which may be no UTF-8.
    ///
    /// # Panics
    ///
    /// If the column says that they lie outside of its buffers.
    pub(crate) fn row(self, n: usize) -> Option<&'a [u8]> {
        match self {
            Self::Small(array) => row_of(array, n),
            Self::Large(array) => row_of(array, n),
            Self::View(array) if array.is_valid(n) => {
                let view = array.views()[n];
                let length = view as u32;
                if length <= MAX_INLINE_VIEW_LEN {
                    // The text stands in the view, behind the four bytes of its length.
                    let start = n * size_of::<u128>() + size_of::<u32>();
                    return Some(&array.views().inner()[start..start + length as usize]);
                }
                let view = ByteView::from(view);
                let start = view.offset as usize;
                Some(&array.data_buffers()[view.buffer_index as usize][start..start + length as usize])
            }
            Self::View(_) | Self::Null(_) => None,
        }
    }

    /// A column of the same type with other rows, `bytes` in all.
    ///
    /// # Errors
    ///
    /// If they are too many for the type.
    pub(crate) fn made_of<'r>(
        self,
        rows: impl Iterator<Item = Option<&'r str>>,
        bytes: usize,
    ) -> Result<ArrayRef, &'static str> {
        Ok(match self {
            Self::Small(_) if i32::try_from(bytes).is_err() => return Err(TOO_LONG),
            Self::Small(_) => build::<i32>(rows, self.len(), bytes),
            Self::Large(_) => build::<i64>(rows, self.len(), bytes),
            Self::View(_) => {
                let mut column = StringViewBuilder::with_capacity(self.len());
                rows.for_each(|row| column.append_option(row));
                Arc::new(column.finish())
            }
            Self::Null(len) => Arc::new(arrow_array::NullArray::new(len)),
        })
    }
}

fn row_of<O: OffsetSizeTrait>(array: &GenericStringArray<O>, n: usize) -> Option<&[u8]> {
    let ends = array.value_offsets();
    array.is_valid(n).then(|| &array.value_data()[ends[n].as_usize()..ends[n + 1].as_usize()])
}

fn build<'r, O: OffsetSizeTrait>(
    rows: impl Iterator<Item = Option<&'r str>>,
    len: usize,
    bytes: usize,
) -> ArrayRef {
    let mut column = GenericStringBuilder::<O>::with_capacity(len, bytes);
    rows.for_each(|row| column.append_option(row));
    Arc::new(column.finish())
}
