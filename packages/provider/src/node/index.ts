export type { Measurements, WorkMeasurement } from "../calibration/tariff.ts";
export { type CalibrateOptions, type Calibration, calibrate } from "./calibrate.ts";
export { type Daemon, type DaemonOptions, startDaemon } from "./daemon.ts";
