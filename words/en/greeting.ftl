# Who answers, from the operator's identity; the languages; the first question.

agency-first = This line belongs to the government.
greeting-name = We are { $name }.
    .sms = Hello.
greeting-government = We are the government.
greeting-not-government = We are not the government.
greeting-free = This is free.
greeting-no-name = You need not say your name.
greeting-not-recorded = We do not record.
greeting-telephone-open = Phone calls are not secret.
greeting-shares = We share what you say with { $with }.
    .sms = We share some of what you say.
greeting-hears = { $who } can hear calls.
    .sms = Others can hear calls.

language-ask = Choose a language, or wait.
choose-more-languages = More languages

reason-ask = What do you need?
more-ask = What else can we do?
anything-else-ask = Is there anything else?
goodbye = Thank you for calling. Goodbye.
