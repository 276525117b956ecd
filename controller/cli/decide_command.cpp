#include "controller/cli/decide_command.hpp"

#include "controller/api/scaling_case_codec.hpp"
#include "controller/cli/bounded_lines.hpp"
#include "controller/domain/scaling/decide.hpp"

#include <algorithm>
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using nlohmann::json;

// What JSON writes deeper than this is no case; printing it back would need a stack as deep.
constexpr int kDepthMax = 64;

bool is_too_deep(const std::string& text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char letter = text[i];
        if (in_string) {
            if (letter == '\\') {
                ++i;
            } else if (letter == '"') {
                in_string = false;
            }
        } else if (letter == '"') {
            in_string = true;
        } else if (letter == '{' || letter == '[') {
            if (++depth > kDepthMax) {
                return true;
            }
        } else if (letter == '}' || letter == ']') {
            --depth;
        }
    }
    return false;
}

std::string written(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string error_line(const json& id, const std::string& error) {
    return written({{"id", id}, {"error", error}});
}

std::string decide_checked(const std::string& line, bool& is_bad) {
    is_bad = true;
    if (is_too_deep(line)) {
        return error_line(nullptr, fmt::format("nested deeper than {} levels", kDepthMax));
    }
    const json object = json::parse(line, nullptr, false);
    if (object.is_discarded()) {
        const auto parsed = api::parse_case_text(line);
        return error_line(nullptr, parsed ? "not JSON" : to_string(parsed.error()));
    }
    const auto parsed = api::parse_case(object);
    if (!parsed) {
        const bool has_id = object.is_object() && object.contains("id");
        return error_line(has_id ? object["id"] : json(), to_string(parsed.error()));
    }
    is_bad = false;
    return written(to_json(*parsed, scaling::decide(parsed->spec, parsed->observation)));
}

}  // namespace

std::string decide_line(const std::string& line, bool& is_bad) {
    try {
        return decide_checked(line, is_bad);
    } catch (const std::exception& failure) {  // one line must not cost the others their answers
        is_bad = true;
        return error_line(nullptr, failure.what());
    }
}

ExitCode decide_lines(std::istream& in, std::ostream& out) {
    BoundedLines lines(in);
    ExitCode code = ExitCode::Ok;
    std::string line;
    for (;;) {
        const auto got = lines.next(line);
        if (got == BoundedLines::Got::End) {
            return code;
        }
        const bool is_blank =
            std::ranges::all_of(line, [](char c) { return c == ' ' || c == '\t'; });
        if (is_blank && got == BoundedLines::Got::Line) {
            continue;
        }
        bool is_bad = false;
        std::string answer;
        if (got == BoundedLines::Got::TooLong) {
            is_bad = true;
            answer = error_line(nullptr, fmt::format("longer than {} bytes", kLineBytesMax));
        } else {
            answer = decide_line(line, is_bad);
        }
        out << answer << '\n' << std::flush;
        if (is_bad) {
            code = ExitCode::Failed;
        }
        if (!out) {
            return ExitCode::Failed;  // nobody reads any more
        }
    }
}

void add_decide_command(CLI::App& app, ExitCode& code) {
    auto* command = app.add_subcommand(
        "decide", "Decide cases: one JSON case per line of standard input, one decision per line");
    command->footer(
        "Runs the code that runs in the controller; needs no cluster.\n"
        "\n"
        "  echo '{\"id\":1,\"spec\":{\"maxReplicas\":10},\"now\":\"2026-03-14T12:00:00Z\",\n"
        "         \"replicas\":{\"spec\":3,\"status\":3},\"proposal\":9}' | tr -d '\\n' |\n"
        "    kubectl chatflow decide\n"
        "\n"
        "A line that is no case yields {\"id\":…,\"error\":\"path: what is allowed\"} and, in the "
        "end,\nexit code 1. The fields are explained in docs/decisions.md.");
    command->callback([&code] { code = decide_lines(std::cin, std::cout); });
}

}  // namespace chatflow::cli
