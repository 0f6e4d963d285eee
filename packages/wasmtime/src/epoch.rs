//! The wall clock of the backstop: a thread that advances an engine's epoch while calls with a deadline run.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use wasmtime::{Engine, EngineWeak};

pub const TICK_MS: u64 = 5;
/// Ticks without a call after which the thread sleeps until the next one.
const IDLE_TICKS: u32 = 200;

#[derive(Default)]
struct State {
    running: AtomicUsize,
    is_asleep: AtomicBool,
    is_over: AtomicBool,
    lock: Mutex<()>,
    wake: Condvar,
}

/// Ends with its engine.
pub struct Clock {
    state: Arc<State>,
}

/// While it lives, time passes.
pub struct Running<'a>(&'a State);

impl Clock {
    pub fn start(engine: &Engine) -> std::io::Result<Self> {
        let state = Arc::new(State::default());
        let (shared, weak) = (state.clone(), engine.weak());
        std::thread::Builder::new().name("demec-epoch".into()).spawn(move || tick(&shared, &weak))?;
        Ok(Self { state })
    }

    pub fn run(&self) -> Running<'_> {
        self.state.running.fetch_add(1, Ordering::SeqCst);
        if self.state.is_asleep.load(Ordering::SeqCst) {
            self.state.notify();
        }
        Running(&self.state)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        self.state.notify();
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl State {
    fn notify(&self) {
        // Under the lock: the thread is either before its look at `running` or waiting.
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
        self.wake.notify_one();
    }

    fn sleep(&self) {
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_asleep.store(true, Ordering::SeqCst);
        while self.running.load(Ordering::SeqCst) == 0 && !self.is_over.load(Ordering::SeqCst) {
            guard = self.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.is_asleep.store(false, Ordering::SeqCst);
    }
}

fn tick(state: &State, engine: &EngineWeak) {
    let mut idle = 0;
    while !state.is_over.load(Ordering::SeqCst) {
        idle = if state.running.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
        if idle > IDLE_TICKS {
            state.sleep();
            idle = 0;
        }
        std::thread::sleep(Duration::from_millis(TICK_MS));
        match engine.upgrade() {
            Some(engine) => engine.increment_epoch(),
            None => return,
        }
    }
}
