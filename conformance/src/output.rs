//! Where reports go: stdout, or files that are known to be writable before the run and replaced after it.

use std::{
    fs::{File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::ColorChoice;
use tempfile::NamedTempFile;

use crate::{
    cli::ReportTo,
    colour,
    report::{Format, Report, terminal},
};

/// The reports of a run, each with its place.
#[derive(Debug)]
pub struct Outputs {
    places: Vec<(Format, Place)>,
    color: ColorChoice,
}

#[derive(Debug)]
enum Place {
    Stdout,
    /// A file beside its name, which it takes when it is whole.
    Beside(NamedTempFile, PathBuf),
    /// A pipe or a device: what cannot be replaced.
    Open(File, PathBuf),
}

impl Outputs {
    /// Opens a place for each report. Without one for stdout, the terminal's goes there, unless it is to be
    /// `quiet`; `color` is for that one.
    ///
    /// # Errors
    /// When a file cannot be written, or stdout would hold two documents.
    pub fn open(reports: &[ReportTo], quiet: bool, color: ColorChoice) -> anyhow::Result<Self> {
        let to_stdout: Vec<_> = reports.iter().filter(|to| to.path.is_none()).collect();
        if to_stdout.len() > 1 && to_stdout.iter().any(|to| to.stands_alone()) {
            bail!("stdout can hold one report only: give the others a path, as junit=out.xml");
        }
        let alone = to_stdout.iter().any(|to| to.stands_alone());
        let mut outputs = Vec::new();
        if !quiet && !alone && to_stdout.iter().all(|to| to.format != Format::Terminal) {
            outputs.push((Format::Terminal, Place::Stdout));
        }
        for (n, to) in reports.iter().enumerate() {
            if let Some(path) = &to.path
                && reports[..n].iter().any(|before| is_one_file(before, path))
            {
                bail!(
                    "two reports to {}: each takes a file of its own",
                    path.display()
                );
            }
            let place = match &to.path {
                None => Place::Stdout,
                Some(path) => Place::at(path)
                    .with_context(|| format!("cannot write a report to {}", path.display()))?,
            };
            outputs.push((to.format, place));
        }
        Ok(Self {
            places: outputs,
            color,
        })
    }

    /// Writes every report. One that cannot be written does not keep the others from it.
    ///
    /// # Errors
    /// The first that could not be written.
    pub fn write(self, report: &Report) -> anyhow::Result<()> {
        self.write_each(|format, coloured| match (format, coloured) {
            (Format::Terminal, true) => terminal::render_coloured(report),
            _ => format.render(report),
        })
    }

    /// Writes what `render` makes of each form; it is told whether there may be colour.
    ///
    /// # Errors
    /// The first that could not be written.
    pub fn write_each(self, render: impl Fn(Format, bool) -> String) -> anyhow::Result<()> {
        let mut first = Ok(());
        for (format, place) in self.places {
            let text = render(format, place.is_coloured(self.color));
            let written = place.write(&text);
            first = first.and(written);
        }
        first
    }
}

impl Place {
    fn at(path: &Path) -> io::Result<Self> {
        match path.metadata() {
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => {
                let file = OpenOptions::new().write(true).open(path)?;
                return Ok(Self::Open(file, path.to_owned()));
            }
            Ok(_) => drop(OpenOptions::new().write(true).open(path)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // As anybody's file: a report has no secrets, and a pipeline's next step may be another user.
        let file = tempfile::Builder::new()
            .prefix(".chat-conformance-")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder)?;
        Ok(Self::Beside(file, path.to_owned()))
    }

    fn is_coloured(&self, color: ColorChoice) -> bool {
        match self {
            Self::Stdout => colour::is_wanted(color, &io::stdout()),
            Self::Open(file, _) => colour::is_wanted(color, file),
            Self::Beside(..) => color == ColorChoice::Always,
        }
    }

    fn write(self, text: &str) -> anyhow::Result<()> {
        let told = |path: &Path| format!("cannot write the report to {}", path.display());
        match self {
            Self::Stdout => print(text).context("cannot write the report to stdout"),
            Self::Open(mut file, path) => {
                file.write_all(text.as_bytes()).with_context(|| told(&path))
            }
            Self::Beside(mut file, path) => {
                file.write_all(text.as_bytes())
                    .with_context(|| told(&path))?;
                file.persist(&path).with_context(|| told(&path))?;
                Ok(())
            }
        }
    }
}

/// Whether a report goes to this file too. What is not replaced, as a pipe or a device, takes several.
fn is_one_file(report: &ReportTo, path: &Path) -> bool {
    let whole = |path: &Path| {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = absolute
            .parent()
            .and_then(|folder| folder.canonicalize().ok());
        match (folder, absolute.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => absolute,
        }
    };
    let replaced = path.metadata().map_or(true, |found| found.is_file());
    replaced && report.path.as_deref().map(whole) == Some(whole(path))
}

/// Says something on stderr, if anybody reads it.
pub fn says(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes to stdout, as all data does. Who reads no further has read enough: that is no error.
///
/// # Errors
/// When it cannot be written, as to a full disk.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let end = match text.ends_with('\n') {
        true => "",
        false => "\n",
    };
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.write_all(end.as_bytes()))
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
