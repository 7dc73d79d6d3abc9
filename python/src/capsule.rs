//! Arrow data through PyCapsules, to and from any library that speaks the protocol. All unsafe code
//! of this package is here: a capsule holds a pointer, and its name is all that tells to what.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ffi::CString;
use std::ffi::c_char;
use std::ffi::c_int;
use std::ffi::c_void;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::ptr;
use std::vec;

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::ffi::FFI_ArrowArray;
use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi::from_ffi;
use arrow_array::ffi::to_ffi;
use arrow_array::ffi_stream::ArrayStreamReader;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::make_array;
use arrow_schema::ArrowError;
use arrow_schema::FieldRef;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3::types::PyTuple;

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";
const STREAM: &CStr = c"arrow_array_stream";

/// What callbacks of a stream answer when they fail: EINVAL.
const INVALID: c_int = 22;

/// The array behind the two capsules of `__arrow_c_array__`, without a copy, and its field.
pub(crate) fn take_array(pair: &Bound<'_, PyTuple>) -> PyResult<Result<(ArrayRef, FieldRef), ArrowError>> {
    let (schema, array) = (pair.get_item(0)?, pair.get_item(1)?);
    let (schema, array) = (schema.cast::<PyCapsule>()?, array.cast::<PyCapsule>()?);
    let schema = schema.pointer_checked(Some(SCHEMA))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(ARRAY))?.cast::<FFI_ArrowArray>();
    // SAFETY: the capsule has the name under which the protocol puts an aligned, initialised
    // ArrowArray, and the interpreter is held, so nobody else moves it. What is left behind is
    // marked as released.
    let array = unsafe { FFI_ArrowArray::from_raw(array.as_ptr()) };
    // SAFETY: as above for an ArrowSchema; the tuple keeps the capsule, and it the schema, while
    // this borrow lasts.
    let schema = unsafe { schema.as_ref() };
    if array.is_released() {
        return Ok(Err(ArrowError::CDataInterface("the array was taken already".to_owned())));
    }
    // SAFETY: the producer promises that array and schema describe one another; `strings` believes
    // neither offsets nor bytes.
    let data = unsafe { from_ffi(array, schema) };
    Ok(data.and_then(|data| Ok((make_array(data), arrow_schema::Field::try_from(schema)?.into()))))
}

/// The stream behind the capsule of `__arrow_c_stream__`.
pub(crate) fn take_stream(capsule: &Bound<'_, PyCapsule>) -> PyResult<Result<ArrayStreamReader, ArrowError>> {
    let stream = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: the capsule has the name under which the protocol puts an aligned, initialised
    // ArrowArrayStream, and the interpreter is held, so nobody else moves it. What is left behind
    // is marked as released; the reader refuses one that was so before.
    Ok(unsafe { ArrayStreamReader::from_raw(stream.as_ptr()) })
}

/// The capsule of `__arrow_c_schema__`.
pub(crate) fn give_schema<'py>(
    py: Python<'py>,
    field: &FieldRef,
) -> PyResult<Result<Bound<'py, PyCapsule>, ArrowError>> {
    match FFI_ArrowSchema::try_from(field.as_ref()) {
        Ok(schema) => PyCapsule::new_with_value(py, schema, SCHEMA).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// The capsules of `__arrow_c_array__`; the buffers are shared, not copied.
pub(crate) fn give_array<'py>(
    py: Python<'py>,
    array: &ArrayRef,
    field: &FieldRef,
) -> PyResult<Result<Bound<'py, PyTuple>, ArrowError>> {
    let schema = match give_schema(py, field)? {
        Ok(schema) => schema,
        Err(error) => return Ok(Err(error)),
    };
    let array = match to_ffi(&array.to_data()) {
        Ok((array, _)) => PyCapsule::new_with_value(py, array, ARRAY)?,
        Err(error) => return Ok(Err(error)),
    };
    PyTuple::new(py, [schema, array]).map(Ok)
}

/// The capsule of `__arrow_c_stream__`; the buffers are shared, not copied.
pub(crate) fn give_stream<'py>(
    py: Python<'py>,
    chunks: &[ArrayRef],
    field: &FieldRef,
) -> PyResult<Bound<'py, PyCapsule>> {
    let state = Box::new(Giving {
        chunks: Vec::from(chunks).into_iter(),
        field: FieldRef::clone(field),
        error: None,
    });
    // SAFETY: the four callbacks keep the contract of the C stream interface over a `Giving`, which
    // the stream owns from here on and `release` frees once.
    let stream = unsafe {
        FFI_ArrowArrayStream::new_unchecked(
            Some(get_schema),
            Some(get_next),
            Some(get_last_error),
            Some(release),
            Box::into_raw(state).cast::<c_void>(),
        )
    };
    PyCapsule::new_with_value(py, stream, STREAM)
}

/// The state of a stream on its way out. Arrow's own export knows streams of tables only.
struct Giving {
    chunks: vec::IntoIter<ArrayRef>,
    field: FieldRef,
    error: Option<CString>,
}

impl Giving {
    /// Puts what `next` gives to `out`, or remembers why there is nothing. No panic may leave a
    /// callback: it would end the process.
    ///
    /// # Safety
    ///
    /// `out` is valid for a write.
    unsafe fn answer<T>(
        &mut self,
        out: *mut T,
        next: impl FnOnce(&mut Self) -> Result<T, ArrowError>,
    ) -> c_int {
        let made = catch_unwind(AssertUnwindSafe(|| next(self)))
            .unwrap_or_else(|_| Err(ArrowError::CDataInterface("a fault of jingwen".to_owned())));
        match made {
            Ok(made) => {
                // SAFETY: the caller promises that `out` may be written. What lies there is not
                // dropped: the protocol hands over memory that holds nothing.
                unsafe { ptr::write(out, made) };
                0
            }
            Err(error) => {
                self.error = CString::new(error.to_string()).ok();
                INVALID
            }
        }
    }
}

/// The state of `stream`.
///
/// # Safety
///
/// `stream` was made by [`give_stream`] and is not released.
unsafe fn giving<'a>(stream: *mut FFI_ArrowArrayStream) -> &'a mut Giving {
    // SAFETY: then its private data is the `Giving` that was put there, and the protocol forbids
    // two calls at a time.
    unsafe { &mut *(*stream).private_data().cast::<Giving>() }
}

unsafe extern "C" fn get_schema(stream: *mut FFI_ArrowArrayStream, out: *mut FFI_ArrowSchema) -> c_int {
    // SAFETY: a consumer calls this with the stream that holds it, and memory for a schema.
    unsafe { giving(stream).answer(out, |state| FFI_ArrowSchema::try_from(state.field.as_ref())) }
}

unsafe extern "C" fn get_next(stream: *mut FFI_ArrowArrayStream, out: *mut FFI_ArrowArray) -> c_int {
    let next = |state: &mut Giving| match state.chunks.next() {
        None => Ok(FFI_ArrowArray::empty()),
        Some(chunk) => Ok(to_ffi(&chunk.to_data())?.0),
    };
    // SAFETY: a consumer calls this with the stream that holds it, and memory for an array.
    unsafe { giving(stream).answer(out, next) }
}

unsafe extern "C" fn get_last_error(stream: *mut FFI_ArrowArrayStream) -> *const c_char {
    // SAFETY: a consumer calls this with the stream that holds it. The string lives until the next
    // call, as the protocol asks.
    unsafe { giving(stream) }.error.as_ref().map_or(ptr::null(), |error| error.as_ptr())
}

unsafe extern "C" fn release(stream: *mut FFI_ArrowArrayStream) {
    // SAFETY: a consumer calls this once with the stream that holds it; the private data came out
    // of a box, and with the callback gone nobody asks for it again.
    unsafe {
        drop(Box::from_raw((*stream).set_private_data(ptr::null_mut()).cast::<Giving>()));
        (*stream).set_release(None);
    }
}
