#include "CRE2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

struct cre2_regex {
    explicit cre2_regex(const re2::StringPiece &pattern, const RE2::Options &options) : re(pattern, options) {}
    RE2 re;
};

extern "C" cre2_regex *cre2_compile(
    const char *pattern, size_t length, int64_t maximum_memory, char *error, size_t error_capacity) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(maximum_memory);
    options.set_dot_nl(true);
    options.set_encoding(RE2::Options::EncodingUTF8);
    auto regex = std::make_unique<cre2_regex>(re2::StringPiece(pattern, length), options);
    if (regex->re.ok()) {
        return regex.release();
    }
    if (error != nullptr && error_capacity > 0) {
        const std::string &text = regex->re.error();
        size_t size = std::min(text.size(), error_capacity - 1);
        memcpy(error, text.data(), size);
        error[size] = '\0';
    }
    return nullptr;
}

extern "C" void cre2_free(cre2_regex *regex) {
    delete regex;
}

extern "C" int cre2_full_match(const cre2_regex *regex, const char *text, size_t length) {
    return regex->re.Match(re2::StringPiece(text, length), 0, length, RE2::ANCHOR_BOTH, nullptr, 0) ? 1 : 0;
}

extern "C" int cre2_group_count(const cre2_regex *regex) {
    return regex->re.NumberOfCapturingGroups();
}

extern "C" int cre2_group_index(const cre2_regex *regex, const char *name, size_t length) {
    const auto &groups = regex->re.NamedCapturingGroups();
    auto found = groups.find(std::string(name, length));
    return found == groups.end() ? -1 : found->second;
}

extern "C" int cre2_match_groups(
    const cre2_regex *regex, const char *text, size_t length, int64_t *offsets, int group_count) {
    std::vector<re2::StringPiece> groups(static_cast<size_t>(group_count));
    if (!regex->re.Match(re2::StringPiece(text, length), 0, length, RE2::ANCHOR_BOTH, groups.data(), group_count)) {
        return 0;
    }
    for (int index = 0; index < group_count; index++) {
        const auto &group = groups[static_cast<size_t>(index)];
        bool taken = group.data() != nullptr;
        offsets[2 * index] = taken ? group.data() - text : -1;
        offsets[2 * index + 1] = taken ? group.data() - text + static_cast<int64_t>(group.size()) : -1;
    }
    return 1;
}
