# How everything of ours is compiled. Presets (CMakePresets.json) choose among these.
option(CHATFLOW_WERROR "Warnings are errors (dev and ci; off for packagers with newer compilers)" OFF)
set(CHATFLOW_SANITIZE "" CACHE STRING "Value for -fsanitize=, for instance address,undefined")
option(CHATFLOW_FUZZ "Build the fuzz targets with libFuzzer (needs clang); else they replay their corpus" OFF)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# hiredis asks it of its users; said for all, as precompiled headers must agree with their users.
add_compile_definitions(_FILE_OFFSET_BITS=64)

find_program(CHATFLOW_CCACHE ccache)
if(CHATFLOW_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CHATFLOW_CCACHE})
endif()
find_program(CHATFLOW_MOLD mold)
if(CHATFLOW_MOLD)
    add_link_options(-fuse-ld=mold)
endif()
# Two links at once need more memory than a small machine has.
set_property(GLOBAL APPEND PROPERTY JOB_POOLS link=1)
set(CMAKE_JOB_POOL_LINK link)

if(CHATFLOW_SANITIZE)
    add_compile_options(-fsanitize=${CHATFLOW_SANITIZE} -fno-omit-frame-pointer -g1)
    add_link_options(-fsanitize=${CHATFLOW_SANITIZE})
    if(CHATFLOW_SANITIZE MATCHES "thread")
        # g++ warns of each fence, which ThreadSanitizer does not see; Asio has such fences.
        add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
    endif()
    if(CHATFLOW_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize-recover=all)
    endif()
endif()

# For sources that use cpprestsdk's stream buffers: they come from its shared library, whose type
# information is its own.
function(chatflow_streams_of_cpprest)
    if(CHATFLOW_SANITIZE MATCHES "undefined")
        set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -fno-sanitize=vptr)
    endif()
endfunction()

if(CHATFLOW_FUZZ)
    # libFuzzer is led by what it reaches, so the libraries count their branches too.
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# For our targets only; chatflow_module() links it.
add_library(chatflow_options INTERFACE)
target_compile_options(chatflow_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual -Wold-style-cast -Wimplicit-fallthrough -Wunused-result
    # Option structs are filled by designated initialisers; the other members have defaults.
    -Wno-missing-field-initializers
    $<$<BOOL:${CHATFLOW_WERROR}>:-Werror>
    # g++ 14 sees dangling references and null dereferences inside Boost and libstdc++ coroutine frames.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-dangling-reference -Wno-null-dereference>
    # What only the optimiser sees, it often sees wrongly in frames of coroutines, Boost and libstdc++.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CHATFLOW_WERROR}>,$<NOT:$<CONFIG:Debug>>>:
        -Wno-mismatched-new-delete -Wno-error=maybe-uninitialized -Wno-error=array-bounds
        -Wno-error=stringop-overflow -Wno-error=stringop-overread -Wno-error=restrict
        -Wno-error=free-nonheap-object -Wno-error=dangling-pointer>)
# Of the tests' own sources: what they test is optimised, they need not be.
set(CHATFLOW_TEST_OPTIONS $<$<NOT:$<CONFIG:Debug>>:-O0>)
if(CHATFLOW_SANITIZE)
    # The same with a sanitizer, which adds code that the optimiser then guesses about.
    target_compile_options(chatflow_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:
        -Wno-mismatched-new-delete -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow
        -Wno-stringop-overread -Wno-restrict -Wno-free-nonheap-object -Wno-dangling-pointer>)
endif()
target_include_directories(chatflow_options INTERFACE ${PROJECT_SOURCE_DIR})
