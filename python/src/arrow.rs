//! Our answers in Arrow: one array, or several that belong together. They only carry data: whatever
//! speaks Arrow takes them over without a copy.

use arrow_array::Array as _;
use arrow_array::ArrayRef;
use arrow_schema::ArrowError;
use arrow_schema::DataType;
use arrow_schema::FieldRef;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3::types::PyTuple;

use crate::capsule;
use crate::errors;
use crate::guard::detached;

/// What somebody handed in by one of the two protocols.
pub(crate) enum Arrow {
    One(ArrayRef, FieldRef),
    Many(Vec<ArrayRef>, FieldRef),
}

/// An exception that names what Arrow complained of.
pub(crate) fn broken(py: Python<'_>, error: &ArrowError) -> PyErr {
    errors::raise(py, "UsageError", format!("reading Arrow data: {error}"))
}

impl Arrow {
    /// Takes over what `data` exports; `None` where it speaks no Arrow.
    pub(crate) fn take(data: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let py = data.py();
        if data.hasattr("__arrow_c_array__")? {
            let pair = data.call_method0("__arrow_c_array__")?.cast_into::<PyTuple>()?;
            let (array, field) = capsule::take_array(&pair)?.map_err(|error| broken(py, &error))?;
            return Ok(Some(Self::One(array, field)));
        }
        if data.hasattr("__arrow_c_stream__")? {
            let stream = data.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
            let reader = capsule::take_stream(&stream)?.map_err(|error| broken(py, &error))?;
            let field = FieldRef::clone(arrow_array::ArrayReader::field(&reader));
            // Behind the stream a query may run.
            let chunks = detached(py, || reader.collect::<Result<Vec<_>, _>>())?;
            return Ok(Some(Self::Many(chunks.map_err(|error| broken(py, &error))?, field)));
        }
        Ok(None)
    }

    pub(crate) fn field(&self) -> &FieldRef {
        let (Self::One(_, field) | Self::Many(_, field)) = self;
        field
    }

    pub(crate) fn chunks(&self) -> &[ArrayRef] {
        match self {
            Self::One(array, _) => std::slice::from_ref(array),
            Self::Many(chunks, _) => chunks,
        }
    }

    /// The same sort of container with other chunks of the same type.
    pub(crate) fn answer(&self, py: Python<'_>, chunks: Vec<ArrayRef>) -> PyResult<Py<PyAny>> {
        let field = FieldRef::clone(self.field());
        match self {
            Self::One(..) => Ok(Py::new(py, Array { chunks, field })?.into_any()),
            Self::Many(..) => Ok(Py::new(py, ChunkedArray { chunks, field })?.into_any()),
        }
    }
}

/// `to_pyarrow` of both: a table where there are columns.
fn to_pyarrow<'py>(
    py: Python<'py>,
    own: Bound<'py, PyAny>,
    field: &FieldRef,
    plain: &str,
    table: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let pyarrow = py.import("pyarrow")?;
    let is_table = matches!(field.data_type(), DataType::Struct(_));
    pyarrow.call_method1(if is_table { table } else { plain }, (own,))
}

/// One Arrow array. `pyarrow.array(x)`, `polars.Series(x)`, `duckdb` and others take it over
/// without a copy.
#[pyclass(frozen, module = "jingwen")]
pub(crate) struct Array {
    /// One chunk.
    chunks: Vec<ArrayRef>,
    field: FieldRef,
}

impl Array {
    pub(crate) fn new(array: ArrayRef, field: FieldRef) -> Self {
        Self { chunks: vec![array], field }
    }
}

#[pymethods]
impl Array {
    fn __len__(&self) -> usize {
        self.chunks[0].len()
    }

    fn __repr__(&self) -> String {
        format!("<jingwen.Array of {}, {} rows>", self.field.data_type(), self.__len__())
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::give_schema(py, &self.field)?.map_err(|error| broken(py, &error))
    }

    /// `requested_schema` is a wish that the protocol lets a producer leave aside.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let _ = requested_schema;
        capsule::give_array(py, &self.chunks[0], &self.field)?.map_err(|error| broken(py, &error))
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        capsule::give_stream(py, &self.chunks, &self.field)
    }

    /// A pyarrow.Array, or a pyarrow.RecordBatch where there are columns.
    fn to_pyarrow<'py>(own: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        to_pyarrow(own.py(), own.clone().into_any(), &own.get().field, "array", "record_batch")
    }

    /// A list.
    fn to_pylist<'py>(own: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::to_pyarrow(own)?.call_method0("to_pylist")
    }
}

/// Arrow arrays of one type that belong together. `pyarrow.chunked_array(x)`, `pyarrow.table(x)`,
/// `polars.Series(x)`, `polars.DataFrame(x)`, `duckdb` and others take them over without a copy.
#[pyclass(frozen, module = "jingwen")]
pub(crate) struct ChunkedArray {
    chunks: Vec<ArrayRef>,
    field: FieldRef,
}

#[pymethods]
impl ChunkedArray {
    fn __len__(&self) -> usize {
        self.chunks.iter().map(arrow_array::Array::len).sum()
    }

    fn __repr__(&self) -> String {
        let (kind, chunks, rows) = (self.field.data_type(), self.chunks.len(), self.__len__());
        format!("<jingwen.ChunkedArray of {kind}, {rows} rows in {chunks} chunks>")
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::give_schema(py, &self.field)?.map_err(|error| broken(py, &error))
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        capsule::give_stream(py, &self.chunks, &self.field)
    }

    /// A pyarrow.ChunkedArray, or a pyarrow.Table where there are columns.
    fn to_pyarrow<'py>(own: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        to_pyarrow(own.py(), own.clone().into_any(), &own.get().field, "chunked_array", "table")
    }

    /// A list.
    fn to_pylist<'py>(own: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::to_pyarrow(own)?.call_method0("to_pylist")
    }
}
