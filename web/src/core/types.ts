// SPDX-License-Identifier: GPL-3.0-or-later
// The server's objects as the pages see them. A field that an older or newer server may leave out
// is optional, and the pages then show less.

export type Lang = 'ar' | 'en';
export type Role = 'attendee' | 'speaker' | 'moderator' | 'staff';

export interface Bilingual {
    ar?: string;
    en?: string;
}

export type SessionState =
    | 'scheduled'
    | 'lobby'
    | 'live'
    | 'paused'
    | 'ended'
    | 'published'
    | 'cancelled';

export interface Speaker {
    name: Bilingual;
    role?: Bilingual;
}

export type StepName = 'playlists' | 'chapters' | 'pictures' | 'mp4' | 'audio' | 'manifest';
export type StepState = 'waiting' | 'working' | 'ready' | 'failed';

export interface Step {
    step: StepName;
    state: StepState;
    progress?: number;
    text?: string | null;
}

/** A stretch of the session's timeline that the recording shows. */
export interface Stretch {
    start_ms: number;
    end_ms: number;
}

export interface Recording {
    playlist?: boolean;
    /** none: nothing was broadcast, or it is deleted. */
    mp4?: StepState | 'none';
    progress?: number;
    duration_ms?: number;
    text?: string | null;
    steps?: Step[];
    /** On the session's timeline; null: where the broadcast began and ended. */
    in_ms?: number | null;
    out_ms?: number | null;
    /** Lost while it was broadcast; a pause is none. */
    gaps?: { at_ms: number; lost_ms: number; why?: string }[];
    hold?: boolean;
    keep_until?: string | null;
    deleted_at?: string | null;
    deleted_why?: string | null;
    bytes?: number;
}

/** What the recording's own address tells: its session, and where on its timeline it lies. */
export type RecordingDetail = Session & { public?: Stretch[] };

export interface AgendaItem {
    title: Bilingual;
}

export interface Chapter {
    id: string;
    kind: 'agenda' | 'question';
    title: Bilingual;
    /** On the session's timeline. */
    media_ms: number;
    /** In the published recording; null before there is one, or outside it. */
    at_ms?: number | null;
}

export interface Session {
    id: string;
    series?: string | Bilingual | null;
    title: Bilingual;
    speakers?: Speaker[];
    starts_at: string;
    duration_minutes: number;
    access?: 'open' | 'invited';
    state: SessionState;
    epoch?: string | null;
    live_at?: string | null;
    ended_at?: string | null;
    server_time?: string;
    recording?: Recording | null;
    agenda?: AgendaItem[];
}

export type QuestionState =
    | 'pending'
    | 'approved'
    | 'on_air'
    | 'answered'
    | 'rejected'
    | 'merged'
    | 'withdrawn';

export interface Asker {
    person?: string;
    name?: string;
    entity?: string | null;
    anonymous?: boolean;
}

export interface Question {
    id: string;
    text: string;
    original?: string | null;
    state: QuestionState;
    votes: number;
    at: string;
    media_ms?: number | null;
    starred?: boolean;
    merged_into?: string | null;
    by?: Asker | null;
    name?: string | null;
    voted?: boolean;
    mine?: boolean;
}

export interface Me {
    person: string;
    name?: string;
    role: Role;
    session?: string | null;
}

export interface Health {
    programme?: {
        state?: 'playing' | 'waiting' | 'failed' | 'ended' | 'off';
        text?: string;
        levels?: number[];
    };
    recording?: {
        state?: 'recording' | 'failing' | 'off';
        stored_ms_ago?: number;
        free_bytes?: number;
        bytes?: number;
        text?: string;
        /** The second folder; null where none is set. */
        second?: 'ok' | 'failing' | null;
    };
    viewers?: { whep?: number; hls?: number; present?: number };
    disk?: {
        free_bytes?: number;
        minimum_bytes?: number;
        low?: boolean;
        minutes_left?: number | null;
    };
    session?: string | null;
    sessions?: Health[];
}

export interface RecordingItem {
    id: string;
    title: Bilingual;
    speakers?: Speaker[];
    starts_at: string;
    duration_ms?: number;
    state?: SessionState;
    mp4?: StepState | 'none' | boolean;
    recording?: Recording | null;
}

export interface Invitation {
    id: string;
    url?: string;
    role: Role;
    name?: string;
    entity?: string | null;
    revoked?: boolean;
}

export interface List<T> {
    items: T[];
    next?: string | null;
}
