/** What a code promises: whether the same call may succeed later, and the next step for whoever reads it. */
export interface ErrorDescriptor {
  readonly retryable: boolean;
  readonly next: string;
}

/** The codes of one room, all of which begin with its name. */
export type RoomErrors<Room extends string> = Readonly<Record<`${Room}/${string}`, ErrorDescriptor>>;
