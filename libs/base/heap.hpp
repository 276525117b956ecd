#pragma once

namespace chatflow {

/// For a program with many small lasting objects and few large passing ones: what is large is
/// mapped by itself and goes back to the system when it is freed. Once, at the start of main().
void map_large_blocks();

/// What is free goes back to the system; takes milliseconds. After much has been thrown away.
void give_back_free_memory();

}  // namespace chatflow
