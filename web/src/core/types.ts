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

export interface RecordingSteps {
    playlist?: boolean;
    mp4?: 'waiting' | 'working' | 'ready' | 'failed';
    progress?: number;
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
    recording?: RecordingSteps | null;
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
    };
    viewers?: { whep?: number; hls?: number; present?: number };
    disk?: { free_bytes?: number };
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
    mp4?: 'waiting' | 'working' | 'ready' | 'failed' | boolean;
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
