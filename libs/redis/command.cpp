#include "libs/redis/command.hpp"

#include <array>
#include <new>
#include <vector>

#include <hiredis/hiredis.h>

namespace chatflow::redis {
namespace {

// Most commands have fewer words than this; more cost an allocation.
constexpr std::size_t kWordsOnStack = 16;

std::string format(std::span<const std::string_view> words) {
    std::array<const char*, kWordsOnStack> few_texts{};
    std::array<std::size_t, kWordsOnStack> few_sizes{};
    std::vector<const char*> many_texts;
    std::vector<std::size_t> many_sizes;
    const char** texts = few_texts.data();
    std::size_t* sizes = few_sizes.data();
    if (words.size() > kWordsOnStack) {
        many_texts.resize(words.size());
        many_sizes.resize(words.size());
        texts = many_texts.data();
        sizes = many_sizes.data();
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        texts[i] = words[i].data();
        sizes[i] = words[i].size();
    }
    char* formatted = nullptr;
    const auto size =
        redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), texts, sizes);
    if (size < 0) throw std::bad_alloc();
    std::string bytes(formatted, static_cast<std::size_t>(size));
    redisFreeCommand(formatted);
    return bytes;
}

}  // namespace

Command::Command(std::initializer_list<std::string_view> words)
    : Command(std::span(words.begin(), words.size())) {}

Command::Command(std::span<const std::string_view> words) : bytes_(format(words)) {}

}  // namespace chatflow::redis
