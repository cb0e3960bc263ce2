int shelf_height(void) { return 7; }
