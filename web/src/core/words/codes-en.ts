// SPDX-License-Identifier: GPL-3.0-or-later
// English words for the codes of refusals (src/base/codes.h); see problem.ts.
import type { CodeWords } from '../problem';

const codes: CodeWords = {
    failed: [
        'Something went wrong',
        'The server could not do it. Try again; if it stays, send the request number to support.',
    ],
    invalid: [
        'The server did not accept this',
        'Something in what was sent is missing or not allowed. Correct it and send it again.',
    ],
    'not-found': [
        'It was not found',
        'It may have been removed, or the address is incomplete. Check the address, or go back to the list.',
    ],
    denied: [
        'This is not permitted',
        'The invitation does not include this. Ask the organisers if you need it.',
    ],
    'signed-out': [
        'You are not signed in',
        'Your sign-in has ended, or the invitation is no longer valid. Open your invitation link again.',
    ],
    conflict: [
        'This is not possible now',
        'The state has changed in the meantime. Look at the current state and decide again.',
    ],
    limit: [
        'Too many attempts in a short time',
        'The server limits how often this can be done. Wait a moment and try again.',
    ],
    unavailable: [
        'Not available at the moment',
        'The server cannot do this right now. Try again shortly.',
    ],
    full: [
        'There is no room on the server’s disk',
        'Less is free than this needs, so it was not done. Delete recordings that are not needed, or ask the administrator for room.',
    ],
    'no-place': [
        'All places are taken',
        'As many people watch this way as it allows. The other way goes on; or try again later.',
    ],
    gone: ['It is no longer there', 'It existed and has been deleted.'],
    upgrade: [
        'The server did not accept this',
        'This address is for another kind of connection. Reload the page.',
    ],

    method: [
        'The server did not accept this',
        'This address does not take this kind of request. Reload the page.',
    ],
    'too-large': ['It is larger than allowed', 'Shorten what was entered and send it again.'],
    'address-too-long': ['The address is too long', 'Check the link.'],
    'media-type': [
        'The server did not accept this',
        'This kind of content is not taken here. Reload the page.',
    ],
    expectation: [
        'The server did not accept this',
        'The request has a condition that the server cannot meet. Reload the page.',
    ],
    'head-too-large': [
        'The server did not accept this',
        'The browser sent more than is allowed. Delete this site’s cookies and try again.',
    ],
    'not-implemented': [
        'The server did not accept this',
        'The server does not know this kind of request. Reload the page.',
    ],
    version: [
        'The server did not accept this',
        'This version of the protocol is not supported. Update the browser.',
    ],

    required: 'This field is required.',
    blank: 'Enter a text that can be seen.',
    'too-long': 'The text is too long. Most characters: {max}.',
    'too-many-items': 'There are too many. At most: {max}.',
    'too-many-marks': 'A letter carries more marks than allowed. Most: {max}.',
    'bad-value': 'This value is not accepted.',
    'out-of-range': 'Enter a whole number from {min} to {max}.',
    'bad-time': 'This is not a valid date and time.',
    'unknown-field': [
        'The server did not accept this',
        'The request has a field that the server does not know. Reload the page and try again.',
    ],
    'bad-json': [
        'The server did not accept this',
        'The server could not read the request. Reload the page and try again.',
    ],

    'no-session': [
        'The session was not found',
        'It may have been deleted. Go back to the list of sessions.',
    ],
    changed: [
        'It was changed in the meantime',
        'Somebody else saved a change after this form was opened. Nothing was saved or deleted here. Look at the current version, then decide.',
    ],
    started: 'The start cannot be changed once the session has been opened.',
    'state-change': [
        'This is not possible now',
        'The session is: {from}. It cannot become: {to}. Look at its state and decide again.',
    ],
    busy: ['This is not possible now', 'The session is just being changed. Try again in a moment.'],
    'source-ended': ['The session has ended', 'The session has just ended with its source.'],
    'too-many-sessions': [
        'No further session can be opened',
        'As many sessions are open as this server runs at once. End one of them first.',
    ],
    'disk-low': [
        'There is no room on the server’s disk',
        '{free_bytes} are free and the session needs {needed_bytes} to be recorded, so it was not opened. Delete recordings that are not needed, or ask the administrator for room.',
    ],
    'plans-closed': [
        'It is too late for an answer',
        'The session has taken place or was cancelled.',
    ],
    'was-live': [
        'This session cannot be deleted',
        'It was opened or has a recording. Only a scheduled or cancelled session can be deleted; a recording is deleted at the desk.',
    ],
    'number-taken': 'Another session of the series has the number {number}. Choose another one.',
    'unknown-reference': 'What was chosen here does not exist any more. Choose again.',
    'series-in-use': [
        'This series cannot be deleted',
        'Sessions belong to it: {count}. Move them to another series first, or take them out of it.',
    ],
    'colour-too-light': 'White text could not be read on this colour. Choose a darker one.',
    'file-type': [
        'This file cannot be taken',
        'Its content is none of these: {allowed}. Save it as one of them and choose it again.',
    ],
    'file-cut': [
        'This file is damaged',
        'Its end is missing, so nothing was stored. Save it anew and choose it again.',
    ],
    'too-many-files': [
        'There are too many materials',
        'A session has at most {max}. Remove one, then add this one.',
    ],
    'no-speaker': [
        'The session has no such speaker',
        'The list of speakers has changed meanwhile. Choose again.',
    ],
    'question-not-on-air': [
        'This question is not on air',
        'It was answered or another one took its place, so it is not shown over the picture. Put it on air, then show it.',
    ],
    'captions-over': ['The session is over', 'Nothing is shown over its picture any more.'],
    'no-file': ['There is no such file', 'It was removed or replaced. Reload the page.'],
    'slides-encrypted': [
        'The slides have a password',
        'The server cannot open them. Save the PDF without a password and choose it again.',
    ],
    'slides-broken': [
        'The slides cannot be read',
        'The PDF is damaged or incomplete. Save it anew as a PDF and choose it again.',
    ],
    'slides-too-many-pages': [
        'There are too many slides',
        'A PDF may have 300 pages. Divide it, or leave pages out, and choose it again.',
    ],
    'slides-too-heavy': [
        'The slides take too long to draw',
        'They need more time or memory than the server gives. Save the PDF with smaller pictures and choose it again.',
    ],
    'slides-failed': [
        'The slides could not be drawn',
        'The drawing was interrupted. Try again; if it stays, save the PDF anew and choose it again.',
    ],
    'not-ended': [
        'The session has not ended yet',
        'Its recording can be changed once it has ended.',
    ],
    'files-being-made': [
        'This is not possible now',
        'The recording’s files are being made. Try again when they are ready.',
    ],
    held: ['The recording is on hold', 'It cannot be deleted until the hold is lifted.'],
    deleted: ['The recording was deleted', 'It no longer exists and cannot be changed.'],
    'end-before-start': 'The end must come after the start.',
    'outside-recording': 'This time is outside the recording.',
    'nothing-left': 'Nothing of the recording would be left between these times.',
    'no-chapter': [
        'The chapter was not found',
        'Somebody else may have removed it. Reload the list.',
    ],
    'too-many-chapters': [
        'No further chapter can be added',
        'The session has as many chapters as it may have. Remove one first.',
    ],
    'chapter-of-question': [
        'This chapter cannot be changed here',
        'It comes from an answered question and follows it. Change the question.',
    ],
    'not-on': 'The session is not on air, so a time is needed.',

    'step-failed': [
        'This part could not be made',
        'What was recorded is kept. Try again; if it fails again, ask the administrator to look at the server’s log.',
    ],
    'step-full': [
        'There is no room on the server’s disk',
        'What was recorded is kept. Delete recordings that are not needed, then try again.',
    ],

    'source-failed': [
        'The source cannot be played',
        'Attendees see the slate. Check that the source is on and its address is right; the server tries again by itself.',
    ],
    'source-silent': [
        'Nothing comes from the source',
        'Attendees see the slate. Check the camera and the network; the server tries again by itself.',
    ],
    'source-no-picture': [
        'No picture comes from the source',
        'Its sound goes on. Check the camera.',
    ],
    'source-no-sound': [
        'No sound comes from the source',
        'Its picture goes on. Check the microphone.',
    ],
    'source-stopped': [
        'The source stopped sending',
        'Attendees see the slate. Start it again at the camera or encoder.',
    ],
    'source-empty': [
        'The source has neither picture nor sound',
        'Choose another source, or check what the encoder sends.',
    ],
    'source-unreadable': [
        'The file cannot be played',
        'It gave neither picture nor sound within 8 s. Convert it to MP4 with AAC sound.',
    ],
    'capture-failed': [
        'The capture process stopped',
        'Attendees see the slate; the server starts it again by itself. If it stops again, ask the administrator to look at the log.',
    ],

    'link-broken': [
        'The invitation link is incomplete',
        'This is not a whole invitation code: the link may have been cut when it was copied. Copy the whole link from the invitation and open it again.',
    ],
    'link-unknown': [
        'The invitation link is wrong',
        'There is no invitation with this code. Check that the whole link was copied, or ask the organisers for a new one.',
    ],
    'link-revoked': [
        'This invitation was withdrawn',
        'The organisers have withdrawn this invitation, so its link no longer works. Ask them for a new one.',
    ],
    'no-passwords': [
        'There is no sign-in by password',
        'Sign in with your personal invitation link.',
    ],
    'link-too-often': [
        'The link was opened too often',
        'This link was opened many times in a short time. Wait a minute and open it again.',
    ],
    'too-many-attempts': [
        'Too many attempts',
        'There were many attempts to sign in from one network. Wait a minute and try again.',
    ],
    'path-expired': [
        'This link has expired',
        'The viewing link has expired or was withdrawn. Get a new one from the session’s page.',
    ],
    'staff-of-all':
        'Staff see and run every session, so they are not invited to one. Invite them on the page of sessions, or invite a moderator here.',
    'only-staff': 'Only staff are invited to every session. Invite others on the session’s desk.',
    'no-invitation': [
        'The invitation was not found',
        'This session has no such invitation. Reload the list.',
    ],
    'no-person': ['The person was not found', 'Reload the list of people.'],
    'no-entity': ['The entity was not found', 'Reload the list of entities.'],
    'bad-email': 'This is no mail address. One looks like name@example.gov.ae.',
    'email-taken': '{name} has this mail address. Look for that person instead.',
    'code-taken': 'Another entity has this code. Choose another.',
    'unknown-entity': 'There is no such entity. Add it first, or choose one of the list.',
    'entity-has-people': [
        'The entity still has people',
        'People who belong to it: {count}. Move them to another entity first.',
    ],
    'own-person': 'Nobody can disable, merge or erase themselves. Ask another member of staff.',
    'admin-only':
        'Only an admin changes roles, and people with a role on the whole server. Ask an admin.',
    'last-admin':
        'This is the last admin who can sign in, and without one nobody could change staff. Make somebody else admin first, and give them a personal link.',
    'name-differs': 'This is not the name of the person. Type it as it stands above.',
    'no-role': 'The person is disabled, or has no role on the whole server. Give one first.',
    'roster-empty': ['The file is empty', 'There is nothing in it. Choose another file.'],
    'roster-not-text': [
        'This is no table in text form',
        'In the spreadsheet choose “Save as”, then “CSV UTF-8”, and send that file.',
    ],
    'roster-too-long': [
        'The file is too long',
        'At most {max} lines are taken at once. Divide the file.',
    ],
    'roster-no-names': [
        'No column has the names',
        'Say which column has the names, then look at the lines.',
    ],
    'roster-twice': 'The same person is in line {line} already.',
    'roster-controls': 'There are characters in it that cannot be seen. Type it anew.',
    'roster-unclosed': 'A quotation mark opens a field and none closes it.',
    'export-off': [
        'Exports are not set up',
        'The administrator can name a folder for them in majlis.conf: [archive] export_directory.',
    ],
    'export-folder': [
        'The folder of exports is not there',
        'It is {folder}. The administrator creates it, or mounts its disk.',
    ],
    'export-there': [
        'It was exported before',
        'Its folder is {folder}. Once that is moved away it can be exported again.',
    ],
    'mail-off': [
        'Mail is not set up',
        'The administrator can name a mail relay in majlis.conf, in the section [mail].',
    ],
    mailed: [
        'People were invited by mail',
        'Cancel the session first, so that they are told by mail, and delete it once those mails are sent.',
    ],
    'invited-already':
        'Somebody with this address is invited already, or no longer has access to this server.',
    'no-mail': ['The mail was not found', 'Reload the list.'],
    'mail-state': ['The mail has moved on', 'It was sent or decided meanwhile. Reload the list.'],
    'no-mail-text': ['There is no such text of mails', 'Reload the page.'],
    'unknown-placeholder':
        '{placeholder} stands for nothing here. These can be used: {allowed}. Anything else in braces is written without them.',
    'link-missing':
        'The reader’s link is missing, so nobody could open anything. Write {placeholder} where it is to stand.',
    'reply-unreadable': [
        'This is no answer of a calendar',
        'Choose the mail that came when somebody accepted or declined, saved as a file (.eml), or the .ics file in it.',
    ],
    'reply-unknown': [
        'The answer is not about a session of this server',
        'The session may have been deleted, or the invitation came from another server.',
    ],
    'reply-not-invited': [
        'Nobody with this address is invited',
        '{address} has no invitation to this session that counts.',
    ],
    'reply-old': [
        'The answer is about another time',
        'The session was moved since, so the answer does not count. The person can answer the newer mail.',
    ],
    'choice-unknown': [
        'This link is not known',
        'It is not whole, or is not of a mail of this server. Open the link of a newer mail.',
    ],
    'registration-off': [
        'There is no registration here',
        'The session takes no registrations, or the link is not whole. Ask the organisers for the right one.',
    ],
    'registration-over': [
        'Registration has ended',
        'The session is over or was cancelled, so nobody can register any more.',
    ],
    'registration-too-often': [
        'Too many registrations from here',
        'Many people registered from your network in a short time. Wait a minute and try again.',
    ],
    'registrations-full': [
        'Too many registrations are waiting',
        'The organisers have not come through them yet. Try again later.',
    ],
    'session-over': [
        'The session is over',
        'It has ended or was cancelled, so nobody is invited to it any more.',
    ],

    'no-question': [
        'The question was not found',
        'It may have been withdrawn, or merged into another.',
    ],
    'may-not-ask': [
        'Questions cannot be sent',
        'The invitation does not include asking and voting in this session.',
    ],
    'may-not-moderate': [
        'This is not permitted',
        'The invitation does not include moderating questions in this way.',
    ],
    'not-yours': ['This is not permitted', 'Only the person who asked can withdraw a question.'],
    'questions-closed': ['The session is over', 'Questions and votes are closed.'],
    'too-many-open': [
        'You have many open questions',
        'Open questions at once: at most {max}. Withdraw one, or wait until one is answered.',
    ],
    'too-many-asked': [
        'You have asked the most questions',
        'Questions in one session: at most {max}.',
    ],
    'questions-full': [
        'The list of questions is full',
        'Questions in this session: at most {max}.',
    ],
    'not-open-for-votes': [
        'Voting on this question is closed',
        'Votes are taken while a question is approved or being answered.',
    ],
    'question-moved': [
        'The question changed in the meantime',
        'Somebody else has moved this question. Look at its present state and decide again.',
    ],
    'undo-gone': ['This cannot be undone', 'It was undone already, or is too long ago.'],
    'undo-changed': [
        'This cannot be undone',
        'The question was changed since, so it stays as it is now. Change it from there.',
    ],
    'undo-on-air': [
        'This cannot be undone',
        'Another question is on air now. Put the question on air again instead.',
    ],
    'undo-merged': [
        'This cannot be undone',
        'The question that it was merged into is merged into this one now.',
    ],
    'undo-others': ['This cannot be undone', 'Only a moderator can undo what somebody else did.'],
    'merge-target': [
        'It cannot be merged into this question',
        'The chosen question is rejected, withdrawn or merged. Choose another.',
    ],
    'not-joined': [
        'The connection to the session was lost',
        'This was not done. Try again when the connection is back.',
    ],
    'too-fast': [
        'Too many requests in a short time',
        'At most {max} a second. This one was not carried out; try again in a moment.',
    ],

    'not-begun': [
        'The broadcast has not begun',
        'There is no picture now. It starts by itself on the session’s page.',
    ],
    'session-not-on': [
        'The session is not on',
        'A picture can be sent once the lobby is open. Open it and try again.',
    ],
    'source-not-published': [
        'Nobody sends the picture now',
        'Attendees see the slate. Open the speaker’s page, or start the encoder.',
    ],
    'input-taken': ['Somebody else sends this picture', 'Only staff can take over. Ask them.'],
    'slides-not-pdf': [
        'This file is no PDF',
        'Export the slides as PDF, upload that file, and choose it.',
    ],
    'slides-not-ready': [
        'There are no slides to show',
        'None are chosen, or they are still being prepared. Try again in a moment.',
    ],
    'slides-by-staff': [
        'The organisers choose the file',
        'Ask them to choose your slides on their page.',
    ],
    'no-input': ['There is no such input', 'Copy the address again from the session’s page.'],
    over: ['The session is over', 'The recording is on the recordings page.'],
    'too-many-pages': [
        'You are watching on many pages',
        'Close one of the open pages and try again.',
    ],
    'bad-offer': [
        'The picture could not be started',
        'The server did not accept the browser’s offer. Update the browser, or try another one.',
    ],
};

export default codes;
