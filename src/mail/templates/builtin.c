// SPDX-License-Identifier: GPL-3.0-or-later
// The built-in subjects and bodies.
#include "mail/templates/templates.h"

#include <string.h>

const char *const mail_languages[MAIL_LANGUAGES] = {[MAIL_AR] = "ar", [MAIL_EN] = "en"};

static const char *const names[MAIL_TEXT_KINDS] = {
    [MAIL_TEXT_INVITATION] = "invitation",
    [MAIL_TEXT_INVITATION_SPEAKER] = "invitation-speaker",
    [MAIL_TEXT_INVITATION_MODERATOR] = "invitation-moderator",
    [MAIL_TEXT_CHANGE] = "change",
    [MAIL_TEXT_CANCELLATION] = "cancellation",
    [MAIL_TEXT_REMINDER] = "reminder",
    [MAIL_TEXT_LIVE] = "live",
    [MAIL_TEXT_RECORDING] = "recording",
    [MAIL_TEXT_ANSWER] = "answer",
};

#define AR_BEGIN "السلام عليكم {name}،\n"
#define EN_BEGIN "Dear {name},\n"
#define AR_SESSION                                                                                 \
    "\n{title}\n{series}\n"                                                                        \
    "الموعد: {time}\n"                                                                       \
    "المتحدثون: {speakers}\n"
#define EN_SESSION                                                                                 \
    "\n{title}\n{series}\n"                                                                        \
    "Time: {time}\n"                                                                               \
    "Speakers: {speakers}\n"
#define AR_OWN "هذا الرابط شخصي: يُرجى عدم إعادة توجيهه إلى غيركم.\n"
#define EN_OWN "This link is personal: please do not forward it.\n"
#define AR_LINK "\nالدخول إلى الجلسة: {link}\n" AR_OWN
#define EN_LINK "\nOpen the session: {link}\n" EN_OWN
#define AR_COMING "\nهل ستحضرون؟\n{coming}\n"
#define EN_COMING "\nWill you come?\n{coming}\n"

static const MailTemplate built_in[MAIL_TEXT_KINDS][MAIL_LANGUAGES] = {
    [MAIL_TEXT_INVITATION] =
        {{"دعوة: {title}",
          AR_BEGIN "تسرنا دعوتكم إلى حضور الجلسة الآتية:\n" AR_SESSION AR_LINK AR_COMING},
         {"Invitation: {title}",
          EN_BEGIN "You are invited to attend this session:\n" EN_SESSION EN_LINK EN_COMING}},
    [MAIL_TEXT_INVITATION_SPEAKER] =
        {{"دعوة: {title}",
          AR_BEGIN "تسرنا دعوتكم إلى التحدث في الجلسة الآتية:\n" AR_SESSION AR_LINK AR_COMING},
         {"Invitation: {title}",
          EN_BEGIN "You are invited to speak in this session:\n" EN_SESSION EN_LINK EN_COMING}},
    [MAIL_TEXT_INVITATION_MODERATOR] =
        {{"دعوة: {title}", AR_BEGIN
          "تسرنا دعوتكم إلى إدارة الأسئلة في الجلسة الآتية:\n" AR_SESSION AR_LINK AR_COMING},
         {"Invitation: {title}", EN_BEGIN "You are invited to moderate the questions of this "
                                          "session:\n" EN_SESSION EN_LINK EN_COMING}},
    [MAIL_TEXT_CHANGE] = {{"تغيير الموعد: {title}",
                           AR_BEGIN "تغيّر موعد الجلسة الآتية التي دُعيتم إليها:\n"
                                    "\n{title}\n{series}\nالموعد الجديد: {time}\n"
                                    "المتحدثون: {speakers}\n" AR_LINK AR_COMING},
                          {"New time: {title}", EN_BEGIN
                           "The time of this session, to which you are invited, has changed:\n"
                           "\n{title}\n{series}\nNew time: {time}\n"
                           "Speakers: {speakers}\n" EN_LINK EN_COMING}},
    [MAIL_TEXT_CANCELLATION] =
        {{"إلغاء: {title}", AR_BEGIN "نعتذر عن إلغاء الجلسة الآتية التي دُعيتم إليها:\n"
                                     "\n{title}\n{series}\nالموعد الملغى: {time}\n"
                                     "المتحدثون: {speakers}\n"},
         {"Cancelled: {title}",
          EN_BEGIN "We are sorry that this session, to which you were invited, is cancelled:\n"
                   "\n{title}\n{series}\nCancelled time: {time}\nSpeakers: {speakers}\n"}},
    [MAIL_TEXT_REMINDER] = {{"تذكير: {title}",
                             AR_BEGIN "نذكّركم بموعد الجلسة الآتية:\n" AR_SESSION AR_LINK},
                            {"Reminder: {title}",
                             EN_BEGIN "A reminder of this session:\n" EN_SESSION EN_LINK}},
    [MAIL_TEXT_LIVE] = {{"بدأ البث: {title}", AR_BEGIN
                         "بدأت الجلسة الآتية، ويمكنكم الانضمام الآن:\n" AR_SESSION AR_LINK},
                        {"Live now: {title}", EN_BEGIN
                         "This session has begun, and you can join now:\n" EN_SESSION EN_LINK}},
    [MAIL_TEXT_RECORDING] =
        {{"تسجيل الجلسة: {title}", AR_BEGIN
          "شكرًا لاهتمامكم بالجلسة الآتية. نُشر تسجيلها، ويمكنكم مشاهدته متى شئتم:\n" AR_SESSION
          "\nمشاهدة التسجيل: {link}\n" AR_OWN},
         {"The recording: {title}", EN_BEGIN
          "Thank you for your interest in this session. Its recording is published, and "
          "you can watch it at any time:\n" EN_SESSION "\nWatch the recording: {link}\n" EN_OWN}},
    [MAIL_TEXT_ANSWER] = {{"أُجيب عن سؤالكم: {title}",
                           AR_BEGIN "شكرًا لسؤالكم في الجلسة الآتية. أُجيب عنه، ونُشر "
                                    "تسجيل الجلسة:\n" AR_SESSION "\nسؤالكم: {question}\n"
                                    "\nمشاهدة الإجابة: {link}\n" AR_OWN},
                          {"Your question was answered: {title}", EN_BEGIN
                           "Thank you for your question in this session. It was answered, and the "
                           "recording is published:\n" EN_SESSION "\nYour question: {question}\n"
                           "\nWatch the answer: {link}\n" EN_OWN}},
};

const MailTemplate *mail_template_built_in(MailTextKind kind, int language)
{
    return &built_in[kind][language];
}

const char *mail_text_kind_name(MailTextKind kind)
{
    return names[kind];
}

bool mail_text_kind_parse(const char *name, MailTextKind *out)
{
    for (int i = 0; i < MAIL_TEXT_KINDS; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (MailTextKind)i;
            return true;
        }
    }
    return false;
}
